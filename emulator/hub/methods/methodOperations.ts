import { type Operation, ok, type Request } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { existingModule } from "../modules/moduleChanges";
import type { MethodCall } from "./methodInvocations";

/** Bytes of the largest payload (Azure documentation, "Understand and invoke direct methods"). */
const PAYLOAD_LIMIT = 128 * 1024;
/** Seconds (the same page). */
const RESPONSE = { name: "responseTimeoutInSeconds", fallback: 30, least: 5, most: 300 };
const CONNECT = { name: "connectTimeoutInSeconds", fallback: 0, least: 0, most: 300 };

interface MethodBody {
  readonly methodName: string;
  readonly payload?: unknown;
  readonly responseTimeoutInSeconds?: unknown;
  readonly connectTimeoutInSeconds?: unknown;
  /** The response time-out in versions before 2018. */
  readonly timeoutInSeconds?: unknown;
}

/** Reads a time-out: a number, or a text with one, as az sends it. Returns milliseconds. Throws ArgumentInvalid. */
function timeoutOf(given: unknown, { name, fallback, least, most }: typeof RESPONSE): number {
  if (given === undefined || given === null) return fallback * 1000;
  const seconds = typeof given !== "object" && /^\d{1,4}$/.test(String(given)) ? Number(given) : Number.NaN;
  if (seconds >= least && seconds <= most) return seconds * 1000;
  throw hubError("ArgumentInvalid", `${name} is not from ${least} to ${most} seconds`);
}

/** Reads a call of a method, for HTTPS and for jobs. Throws ArgumentInvalid, MessageTooLarge. */
export function readMethodCall(body: unknown): MethodCall {
  const given = readBody<MethodBody>(body, "hub.method");
  const { payload } = given;
  if (Buffer.byteLength(JSON.stringify(payload ?? null)) > PAYLOAD_LIMIT) {
    throw hubError("MessageTooLarge", `the payload is larger than ${PAYLOAD_LIMIT / 1024} KB`);
  }
  const responseTimeoutMs = timeoutOf(given.responseTimeoutInSeconds ?? given.timeoutInSeconds, RESPONSE);
  const connectTimeoutMs = timeoutOf(given.connectTimeoutInSeconds, CONNECT);
  // Measured on Azure: mwalser/terraform-provider-iothub.
  if (connectTimeoutMs > responseTimeoutMs) {
    throw hubError("ArgumentInvalid", "Device connection timeout cannot be longer than an overall call timeout");
  }
  return { name: given.methodName, payload, responseTimeoutMs, connectTimeoutMs };
}

/** The operations that call direct methods. */
export function methodOperations(deps: HubDependencies): Operation[] {
  const invoke = async (request: Request) => {
    const hub = authorizeService(request, "method", deps);
    const { deviceId = "", moduleId } = request.params;
    const call = readMethodCall(request.body);
    if (moduleId === undefined) existingDevice(hub.key, deviceId, deps);
    else existingModule(hub.key, { deviceId, moduleId }, deps);
    return ok(await deps.methods.invoke({ hub: hub.key, deviceId, moduleId }, call));
  };
  return [
    { name: "Devices_InvokeMethod", method: "POST", path: "/twins/:deviceId/methods", handle: invoke },
    {
      name: "Modules_InvokeMethod",
      method: "POST",
      path: "/twins/:deviceId/modules/:moduleId/methods",
      handle: invoke,
    },
  ];
}
