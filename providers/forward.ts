/**
 * The one forwarder of the dynamic resources. The text goes into the inputs of every dynamic resource and stays in the
 * state; `refresh` and `destroy` run the text in the state. So it holds no logic and names no path of this machine: it
 * loads the handler of today from the project that the engine runs in. Editing a handler, or moving the checkout, changes
 * nothing in it. It is written as text, and not serialised from a closure by `pulumi.dynamic.Resource`, so that no
 * compiler's output leaks into it and a preview need not load the TypeScript compiler (docs/decisions/0005).
 */
import * as pulumi from "@pulumi/pulumi";
import { checkProviderIdentity } from "./providerIdentity";

/** The nouns that have a handler in `providers/handlers/`. */
export type HandlerName =
  | "certificateAuthority"
  | "deviceCertificate"
  | "deviceRegistration"
  | "enrollmentGroup"
  | "enrollmentList"
  | "hubLinks"
  | "individualEnrollment"
  | "revocations"
  | "serviceIdentity"
  | "telemetryReceipt"
  | "vaultAccess"
  | "vaultName"
  | "verifiedCertificate";

/** The JavaScript text that the host of dynamic resources runs: an object with all six methods. */
export function forwarderText(handler: HandlerName): string {
  return `exports.handler = () => {
  const handler = () =>
    require("module").createRequire(process.cwd() + "/package.json")("azure-iot-zero-touch/handlers")("${handler}");
  return {
    check: async (olds, news) => handler().check(olds, news),
    diff: async (id, olds, news) => handler().diff(id, olds, news),
    create: async (inputs) => handler().create(inputs),
    read: async (id, props) => handler().read(id, props),
    update: async (id, olds, news) => handler().update(id, olds, news),
    delete: async (id, props) => handler().delete(id, props),
  };
};
`;
}

/**
 * Whether the program's resources are those of the plugin, `zero-touch:index:EnrollmentGroup`, which other languages and
 * `pulumi import` know. Default: dynamic resources, which need no plugin (docs/decisions/0035).
 */
const usesPlugin = (): boolean => new pulumi.Config("zero-touch").getBoolean("plugin") === true;

/** What is no part of an environment: the plugin does not have it. */
const OF_SAMPLES: ReadonlySet<HandlerName> = new Set(["deviceRegistration", "telemetryReceipt"]);

/**
 * The base of the resources: Pulumi's own host runs the forwarder to the named handler, or the plugin runs the handler. A
 * state moves from one to the other without a change. Previews and policies show the handler's name as the type, for example
 * `EnrollmentGroup`.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  /** `outputs` are the names of the outputs that are no inputs. */
  constructor(
    handler: HandlerName,
    name: string,
    outputs: readonly string[],
    inputs: object,
    opts?: pulumi.CustomResourceOptions,
  ) {
    checkProviderIdentity(opts?.parent);
    const noun = `${handler.charAt(0).toUpperCase()}${handler.slice(1)}`;
    const [dynamic, plugin] = [`pulumi-nodejs:dynamic/iot:${noun}`, `zero-touch:index:${noun}`];
    const props = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...inputs };
    if (OF_SAMPLES.has(handler)) super(dynamic, name, { ...props, __provider: forwarderText(handler) }, opts);
    else if (usesPlugin()) super(plugin, name, props, withAlias(opts, dynamic));
    else super(dynamic, name, { ...props, __provider: forwarderText(handler) }, withAlias(opts, plugin));
  }
}

const withAlias = (opts: pulumi.CustomResourceOptions | undefined, type: string): pulumi.CustomResourceOptions => ({
  ...opts,
  aliases: [...(opts?.aliases ?? []), { type }],
});
