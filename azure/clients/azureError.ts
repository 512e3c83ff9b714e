/** The one error of the clients: operation, Azure's code and message, meaning and remedy. Carries no secrets. */

import { type ExplainedService, explain } from "../explain";
import { entraCodeIn } from "../explainEntra";
import type { Explanation } from "../explanation";
import { isObject } from "../wire/jsonObject";

/** What a response says about a failure. */
export interface AzureFailure {
  readonly status: number;
  /** Azure's own code as text: `401002`, `IH404015`, `AuthorizationFailed`. */
  readonly code?: string;
  /** Key Vault's detail of a general code such as `Forbidden` or `Conflict`: `ForbiddenByRbac`. */
  readonly innerCode?: string;
  /** Azure's message. */
  readonly said?: string;
  /** For Azure's support. */
  readonly trackingId?: string;
}

const SERVICE_NAMES: Readonly<Record<ExplainedService, string>> = {
  arm: "Azure Resource Manager",
  dps: "the Device Provisioning Service",
  dpsDevice: "the Device Provisioning Service",
  hub: "IoT Hub",
  vault: "Key Vault",
  entra: "Microsoft Entra ID",
};

/** Thrown by every client for an unexpected response of Azure. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  readonly status: number;
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly trackingId: string | undefined;
  readonly explanation: Explanation;

  /** `operation` is a phrase in the infinitive, for example `create enrollment group "line-1"`. */
  constructor(service: ExplainedService, operation: string, failure: AzureFailure) {
    const explanation = explain(service, failure.innerCode ?? failure.code, failure.status);
    super(sentence(SERVICE_NAMES[service], operation, failure, explanation));
    this.status = failure.status;
    this.code = failure.code;
    this.innerCode = failure.innerCode;
    this.trackingId = failure.trackingId;
    this.explanation = explanation;
  }
}

/** Thrown if there is no response: no route, no sign-in, a broken connection. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";

  /** `host` is the destination; `cause` is the transport's error, and its first line is in the message. */
  constructor(operation: string, host: string, cause: unknown) {
    const text = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]?.slice(0, 500) ?? "";
    super(refusedSignIn(operation, text) ?? noResponse(operation, host, text), { cause });
  }
}

const noResponse = (operation: string, host: string, text: string): string =>
  `Could not ${operation}: no response from ${host}: ${text.slice(0, 300)}\n` +
  "  To fix: check the network and the credentials in the environment; for the local Azure run " +
  '`npm run local -- start` and `eval "$(npm run -s env)"`, then run `pulumi up` again.';

/** The message of a refused sign-in, before any call. Undefined for any other failure. */
function refusedSignIn(operation: string, text: string): string | undefined {
  const code = entraCodeIn(text);
  if (code === undefined) return undefined;
  const said = text
    .slice(text.indexOf(code) + code.length)
    .replace(/^: /, "")
    .replace(/\.? Trace ID: .*$/, "");
  return sentence(SERVICE_NAMES.entra, operation, { status: 401, code, said }, explain("entra", code, 401));
}

function sentence(service: string, operation: string, failure: AzureFailure, explanation: Explanation): string {
  const inner = failure.innerCode === undefined ? "" : ` (${failure.innerCode})`;
  const code = `${failure.code ?? `HTTP ${failure.status}`}${inner}`;
  // Azure's message may end with a full stop; ours does.
  const said = failure.said ? `: ${failure.said.replace(/\.$/, "")}` : "";
  const tracking = failure.trackingId ? ` (tracking ID ${failure.trackingId})` : "";
  return (
    `Could not ${operation}: ${service} returned ${code}${said}${tracking}.\n` +
    `  What it means: ${explanation.meaning}\n` +
    `  To fix: ${explanation.remedy}`
  );
}

const words = (value: unknown): string | undefined =>
  typeof value === "string" && value !== ""
    ? value.slice(0, 500)
    : typeof value === "number"
      ? String(value)
      : undefined;

/** The hub's codes by name, as its `iothub-errorcode` header and its older bodies carry only the name. */
const HUB_NAMES: Readonly<Record<string, string>> = {
  ArgumentInvalid: "400004",
  IotHubNotFound: "401001",
  IotHubUnauthorizedAccess: "401002",
  IotHubUnauthorized: "401003",
  IotHubSuspended: "403001",
  IotHubQuotaExceeded: "403002",
  DeviceMaximumQueueDepthExceeded: "403004",
  DeviceNotFound: "404001",
  DeviceNotOnline: "404103",
  DeviceAlreadyExists: "409001",
  PreconditionFailed: "412001",
  MessageTooLarge: "413001",
  ThrottlingException: "429001",
  ServerError: "500001",
  ServiceUnavailable: "503001",
};

/**
 * Reads Azure's error out of a response, in any of its shapes: DPS `{errorCode,message,trackingId}`, ARM
 * `{error:{code,message}}`, Key Vault the same with an `innererror`, Microsoft.Devices `{code,httpStatusCode,message}`, IoT Hub `{Message:"ErrorCode:Name;…"}`.
 */
export function readFailure(status: number, text: string, hubErrorName?: string): AzureFailure {
  let body: Readonly<Record<string, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) body = parsed;
  } catch {
    // Not JSON: the status must do; an unknown body is not repeated.
  }
  const inner = isObject(body.error) ? body.error : body;
  const message = words(inner.message) ?? words(body.Message);
  const named = hubErrorName ?? /^ErrorCode:(\w+)/.exec(message ?? "")?.[1];
  const code = words(inner.errorCode) ?? words(inner.code) ?? (named && (HUB_NAMES[named] ?? named));
  const tracking = words(inner.trackingId) ?? /Tracking ID:\s*([\w-]+)/i.exec(words(body.ExceptionMessage) ?? "")?.[1];
  const innerCode = isObject(inner.innererror) ? words(inner.innererror.code) : undefined;
  return {
    status,
    ...(code ? { code } : {}),
    ...(innerCode ? { innerCode } : {}),
    ...(message ? { said: message } : {}),
    ...(tracking ? { trackingId: tracking } : {}),
  };
}
