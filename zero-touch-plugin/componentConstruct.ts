/**
 * Serves the engine's request `construct`: makes a component in this process, as a program in TypeScript does. Loaded at the
 * first such request, because it loads the whole SDK. The helpers of the SDK's own provider server are not in its
 * declarations; an end-to-end test runs them with the engine.
 */
import { type handleUnaryCall, status } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import provider from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { PackageSchema } from "./packageSchema";
import { plainInputs } from "./plainInputs";

interface Settings {
  resetOptions(
    project: string,
    stack: string,
    parallel: number,
    engine: string,
    monitor: string,
    isPreview: boolean,
    organization: string,
  ): void;
  awaitFeatureSupport(): Promise<void>;
  waitForRPCs(): Promise<void>;
}

interface ProviderServer {
  deserializeInputs(
    inputs: Struct | undefined,
    dependencies: ReturnType<provider.ConstructRequest["getInputdependenciesMap"]>,
  ): Promise<pulumi.Inputs>;
}

const settings = require("@pulumi/pulumi/runtime/settings") as Settings;
const { withLocalStorage } = require("@pulumi/pulumi/runtime/state") as {
  withLocalStorage<T>(run: () => Promise<T>): Promise<T>;
};
const { deserializeInputs } = require("@pulumi/pulumi/provider/server") as ProviderServer;

type Component = new (name: string, args: pulumi.Inputs, opts: pulumi.ComponentResourceOptions) => pulumi.Resource;

const COMPONENTS = require("../components/componentExports") as Readonly<Record<string, Component | undefined>>;

/** Children of a component that the plugin makes are the plugin's own resources. */
const OWN_RESOURCES = "zero-touch:plugin";

/** Ends the construct under way when one of its outputs fails, which the SDK reports nowhere else. */
const pending = new Set<(error: Error) => void>();
process.on("unhandledRejection", (reason) => {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  for (const fail of pending) fail(error);
  if (pending.size === 0) process.stderr.write(`${error.message}\n`);
});

function failure(pending: Set<(error: Error) => void>): { readonly promise: Promise<never>; end(): void } {
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, reject) => {
    fail = reject;
  });
  pending.add(fail);
  return { promise, end: () => pending.delete(fail) };
}

function configure(request: provider.ConstructRequest, engine: string): Promise<void> {
  const config: Record<string, string> = { ...Object.fromEntries(request.getConfigMap().entries()) };
  settings.resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engine,
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  pulumi.runtime.setAllConfig({ ...config, [OWN_RESOURCES]: "true" }, request.getConfigsecretkeysList());
  return settings.awaitFeatureSupport();
}

function aliasOf(alias: ReturnType<provider.ConstructRequest["getAliasesList"]>[number]): string | pulumi.Alias {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  return {
    ...(spec.getName() !== "" && { name: spec.getName() }),
    ...(spec.getType() !== "" && { type: spec.getType() }),
    ...(spec.getProject() !== "" && { project: spec.getProject() }),
    ...(spec.getStack() !== "" && { stack: spec.getStack() }),
    ...(spec.hasParenturn() && { parent: spec.getParenturn() }),
    ...(spec.getNoparent() && { parent: pulumi.rootStackResource }),
  };
}

function optionsOf(request: provider.ConstructRequest): pulumi.ComponentResourceOptions {
  const providers = [...request.getProvidersMap().entries()].map(([name, reference]) => [
    name,
    new pulumi.DependencyProviderResource(reference),
  ]);
  return {
    aliases: request.getAliasesList().map(aliasOf),
    dependsOn: request.getDependenciesList().map((urn) => new pulumi.DependencyResource(urn)),
    protect: request.getProtect(),
    providers: Object.fromEntries(providers) as Record<string, pulumi.ProviderResource>,
    parent: request.getParent() === "" ? undefined : new pulumi.DependencyResource(request.getParent()),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    customTimeouts: request.getCustomtimeouts()?.toObject(),
    retainOnDelete: request.getRetainondelete(),
  };
}

/**
 * The handler of `construct`; `engine` is the engine's address. main.ts loads it by `require`, for a program that has components.
 * @public
 */
export function componentConstruct(
  schema: PackageSchema,
  engine: string,
): handleUnaryCall<provider.ConstructRequest, provider.ConstructResponse> {
  return ({ request }, callback) => {
    const type = request.getType();
    withLocalStorage(async () => {
      const { isComponent, properties = {} } = schema.resources[type] ?? {};
      const Component = isComponent ? COMPONENTS[type.split(":").at(-1) ?? ""] : undefined;
      if (Component === undefined) throw new Error(`${type} is no component of zero-touch ${schema.version}`);
      await configure(request, engine);
      const given = await deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
      const inputs = await plainInputs(schema, type, given);
      const { promise, end } = failure(pending);
      try {
        const made = new Component(request.getName(), inputs, optionsOf(request));
        return await Promise.race([promise, responseOf(type, made, Object.keys(properties))]);
      } finally {
        end();
      }
    }).then(
      (response) => callback(null, response),
      (error: Error) => callback({ code: status.UNKNOWN, details: error.message }),
    );
  };
}

async function responseOf(type: string, made: pulumi.Resource, keys: readonly string[]) {
  const outputs = made as unknown as Readonly<Record<string, pulumi.Input<unknown>>>;
  // One output each: YAML loses an output inside of an object, so an object with a secret is a secret as a whole.
  const state = Object.fromEntries(keys.map((key) => [key, pulumi.output(outputs[key])]));
  const response = new provider.ConstructResponse();
  response.setUrn(await urnOf(made));
  const [values, dependencies] = await pulumi.runtime.serializeResourceProperties(`construct(${type})`, state);
  for (const [key, resources] of dependencies) {
    const urns = new provider.ConstructResponse.PropertyDependencies();
    urns.setUrnsList(await Promise.all([...resources].map(urnOf)));
    response.getStatedependenciesMap().set(key, urns);
  }
  response.setState(Struct.fromJavaScript(values));
  await settings.waitForRPCs();
  return response;
}

const urnOf = (resource: pulumi.Resource): Promise<string> =>
  (resource.urn as unknown as { promise(): Promise<string> }).promise();
