import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { HUB_ERRORS, HubError, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { existingModule } from "../modules/moduleChanges";
import { existingDevice } from "./deviceChanges";

/** Most identities of one call, as in the bulk registry; az sends so many. */
const ITEM_LIMIT = 100;

interface RegenerateKeys {
  readonly policyKey: string;
  readonly devices: readonly { readonly id: string; readonly moduleId?: string | null }[];
}

function regenerated(
  { type, symmetricKey }: DeviceAuthentication,
  policyKey: string,
  { ids }: HubDependencies,
): DeviceAuthentication {
  if (type !== "sas") throw hubError("ArgumentInvalid", `the identity authenticates by ${type}, not by keys`);
  const keep = (name: "primaryKey" | "secondaryKey") =>
    [name.toLowerCase(), "both"].includes(policyKey.toLowerCase()) ? ids.key() : symmetricKey?.[name];
  return { type, symmetricKey: { primaryKey: keep("primaryKey"), secondaryKey: keep("secondaryKey") } };
}

/** Keeps the keys that were regenerated (azure-iot-cli-extension, test_iothub_modules_int.py). */
const newKeys = ({ symmetricKey }: DeviceAuthentication, before: DeviceAuthentication) => ({
  primaryKey: symmetricKey?.primaryKey === before.symmetricKey?.primaryKey ? null : symmetricKey?.primaryKey,
  secondaryKey: symmetricKey?.secondaryKey === before.symmetricKey?.secondaryKey ? null : symmetricKey?.secondaryKey,
});

/** Regenerates keys of one identity; returns the new ones. */
function regenerate(
  hub: string,
  { id: deviceId, moduleId }: RegenerateKeys["devices"][number],
  policyKey: string,
  deps: HubDependencies,
) {
  const device = existingDevice(hub, deviceId, deps);
  if (!moduleId) {
    const authentication = regenerated(device.authentication, policyKey, deps);
    deps.identities.save(hub, { ...device, ...scopesKept, authentication });
    return { id: deviceId, ...newKeys(authentication, device.authentication) };
  }
  const module = existingModule(hub, { deviceId, moduleId }, deps);
  const authentication = regenerated(module.authentication, policyKey, deps);
  deps.modules.save(hub, { ...module, authentication });
  return { id: deviceId, moduleId, ...newKeys(authentication, module.authentication) };
}

/** Scopes that are absent stay as they are. */
const scopesKept = { deviceScope: undefined, parentScopes: undefined };

/** Regenerates the keys of up to 100 identities: 200, 207 when some are refused, 400 when all are. */
async function regenerateKeys(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = authorizeService(request, "write", deps);
  const { policyKey, devices } = readBody<RegenerateKeys>(request.body, "hub.regenerateKeys");
  if (devices.length > ITEM_LIMIT) {
    throw hubError("TooManyDevices", `a call has at most ${ITEM_LIMIT} devices, not ${devices.length}`);
  }
  const outcomes = await Promise.allSettled(
    devices.map((device) => deps.database.groupCommit(() => regenerate(hub.key, device, policyKey, deps))),
  );
  const rotatedKeys = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const errors = outcomes.flatMap((outcome, at) => {
    if (outcome.status === "fulfilled") return [];
    const error: unknown = outcome.reason;
    if (!(error instanceof HubError)) throw error;
    return [{ ...devices[at], errorCode: HUB_ERRORS[error.errorName], errorStatus: error.text }];
  });
  const status = errors.length === 0 ? 200 : rotatedKeys.length > 0 ? 207 : 400;
  return { status, body: { policyKey, rotatedKeys, errors } };
}

/** The regeneration of keys (azure-iot-cli-extension 0.25, its service SDK of 2024-03-31). */
export const keyRegeneration = (deps: HubDependencies): Operation[] => [
  {
    name: "Service_BulkRegenerateDeviceKeys",
    method: "POST",
    path: "/devices/keys/regenerate",
    handle: (request) => regenerateKeys(request, deps),
  },
];
