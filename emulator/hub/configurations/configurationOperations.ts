import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, HubError, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { checkTwin } from "../twins/twinSections";
import { setManagedModules } from "./configurationApplier";
import { readConfiguration, wireConfigurations } from "./configurationBody";
import { existingConfiguration, saveConfiguration } from "./configurationChanges";
import { type ConfigurationContent, checkEdgeContent, moduleIdsOf } from "./configurationContent";
import type { Configuration } from "./configurationStore";
import { invalidTarget, readMetric, readTarget } from "./targetCondition";
import { settingsOf, withValue } from "./twinPaths";

type Changed = (hub: string) => void;

async function response(hub: string, configuration: Configuration, deps: HubDependencies): Promise<Response> {
  const [body] = await wireConfigurations(hub, [configuration], deps);
  return { status: 200, headers: { etag: `"${configuration.etag}"` }, body };
}

/** Creates without If-Match, changes with it; the content never changes. */
async function createOrUpdate(request: Request, deps: HubDependencies, changed: Changed): Promise<Response> {
  const hub = authorizeService(request, "write", deps);
  const draft = readConfiguration(request.body, request.params.configurationId ?? "");
  const ifMatch = request.headers["if-match"];
  const saved = deps.database.transaction(() => saveConfiguration(hub.key, draft, ifMatch, deps));
  changed(hub.key);
  return response(hub.key, saved, deps);
}

/** If-Match is optional: azure-iot-sdk-node sends none. */
function remove(request: Request, deps: HubDependencies, changed: Changed): Response {
  const hub = authorizeService(request, "write", deps);
  const { configurationId = "" } = request.params;
  const ifMatch = request.headers["if-match"];
  deps.database.transaction(() => {
    const { etag } = existingConfiguration(hub.key, configurationId, deps);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, etag, "Configuration");
    deps.configurations.remove(hub.key, configurationId);
  });
  changed(hub.key);
  return { status: 204 };
}

/** Lists all configurations: Azure ignores `top` (measured). */
async function list(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = authorizeService(request, "read", deps);
  return ok(await wireConfigurations(hub.key, deps.configurations.list(hub.key), deps));
}

interface TestBody {
  readonly targetCondition?: string | null;
  readonly customMetricQueries?: Readonly<Record<string, string>> | null;
}

const errorOf = (read: () => unknown): string | undefined => {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof HubError) return error.text;
    throw error;
  }
};

/** A test takes no `*`, though a configuration does (measured). */
function testTarget(text: string): void {
  if (text.trim() === "*") throw invalidTarget(text);
  readTarget(text);
}

/** Tests a condition and the queries of metrics; returns what is wrong with them. */
function testQueries(request: Request, deps: HubDependencies): Response {
  authorizeService(request, "read", deps);
  const { targetCondition, customMetricQueries } = readBody<TestBody>(request.body, "hub.configurationQueries");
  const errors = Object.entries(customMetricQueries ?? {}).map(([name, text]) => [
    name,
    errorOf(() => readMetric(name, text)),
  ]);
  return ok({
    targetConditionError: errorOf(() => testTarget(targetCondition ?? "")),
    customMetricQueryErrors: Object.fromEntries(errors.filter(([, error]) => error !== undefined)),
  });
}

/** Sets the modules of one Edge device, and the desired properties of their twins. */
function applyContent(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const { deviceId = "" } = request.params;
  const content = readBody<ConfigurationContent>(request.body, "hub.configurationContent");
  checkEdgeContent(content);
  deps.database.transaction(() => {
    if (!existingDevice(hub.key, deviceId, deps).iotEdge) {
      throw hubError("ArgumentInvalid", `${deviceId} is no Edge device`);
    }
    setManagedModules(hub.key, deviceId, moduleIdsOf(content), deps);
    for (const [moduleId, part] of Object.entries(content.modulesContent ?? {})) {
      const key = { deviceId, moduleId };
      const isWhole = Object.hasOwn(part, "properties.desired");
      let desired = isWhole ? {} : (deps.twins.find(hub.key, key)?.desired ?? {});
      for (const { path, value } of settingsOf(part) ?? []) desired = withValue(desired, path, value);
      checkTwin(deps.twins.replace(hub.key, key, { desired }));
    }
  });
  return { status: 204 };
}

/** Configurations and Edge deployments (Azure REST API "Configuration"). `changed` applies those of a hub. */
export function configurationOperations(deps: HubDependencies, changed: Changed): Operation[] {
  const path = "/configurations/:configurationId";
  const get = (request: Request): Promise<Response> => {
    const hub = authorizeService(request, "read", deps);
    return response(hub.key, existingConfiguration(hub.key, request.params.configurationId ?? "", deps), deps);
  };
  const put = (request: Request) => createOrUpdate(request, deps, changed);
  return [
    { name: "Configuration_Get", method: "GET", path, handle: async (request) => get(request) },
    { name: "Configuration_CreateOrUpdate", method: "PUT", path, handle: put },
    { name: "Configuration_Delete", method: "DELETE", path, handle: (request) => remove(request, deps, changed) },
    {
      name: "Configuration_GetConfigurations",
      method: "GET",
      path: "/configurations",
      handle: (request) => list(request, deps),
    },
    {
      name: "Configuration_TestQueries",
      method: "POST",
      path: "/configurations/testQueries",
      handle: (request) => testQueries(request, deps),
    },
    {
      name: "Configuration_ApplyOnEdgeDevice",
      method: "POST",
      path: "/devices/:deviceId/applyConfigurationContent",
      handle: (request) => applyContent(request, deps),
    },
  ];
}
