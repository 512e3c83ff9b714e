import { REASON_HEADER, WireError } from "../kernel/operation";

/** A refused link, message or request: the error that AMQP carries to the client. */
export class AmqpError extends Error {
  override readonly name = "AmqpError";

  /** `condition` is a symbol, for example `amqp:not-found`; `info` goes with the error, as the address of a redirect. */
  constructor(
    readonly condition: string,
    readonly description: string,
    readonly info?: Readonly<Record<string, unknown>>,
  ) {
    super(`${condition}: ${description}`);
  }
}

/** The conditions of AMQP 1.0 (2.8.15 to 2.8.18) and of Azure that the local Azure sends. */
export const CONDITION = Object.freeze({
  decode: "amqp:decode-error",
  notFound: "amqp:not-found",
  unauthorized: "amqp:unauthorized-access",
  notAllowed: "amqp:not-allowed",
  notImplemented: "amqp:not-implemented",
  internal: "amqp:internal-error",
  limit: "amqp:resource-limit-exceeded",
  precondition: "amqp:precondition-failed",
  stolen: "amqp:link:stolen",
  redirect: "amqp:link:redirect",
  transferLimit: "amqp:link:transfer-limit-exceeded",
  tooLarge: "amqp:link:message-size-exceeded",
  forced: "amqp:connection:forced",
  framing: "amqp:connection:framing-error",
  argument: "com.microsoft:argument-error",
  throttled: "com.microsoft:device-container-throttled",
  timeout: "com.microsoft:timeout",
});

/** Conditions by HTTP status. Source: azure-iot-sdk-csharp, `AmqpErrorMapper`. */
const BY_STATUS: ReadonlyMap<number, string> = new Map([
  [400, CONDITION.argument],
  [401, CONDITION.unauthorized],
  [403, CONDITION.limit],
  [404, CONDITION.notFound],
  [412, CONDITION.precondition],
  [413, CONDITION.tooLarge],
  [429, CONDITION.throttled],
  [501, CONDITION.notImplemented],
]);

/** Returns any error as one of AMQP. A WireError keeps its meaning; of others, only the log has the reason. */
export function amqpErrorOf(error: unknown): AmqpError {
  if (error instanceof AmqpError) return error;
  if (!(error instanceof WireError)) return new AmqpError(CONDITION.internal, "the local Azure failed; see its log");
  const body = error.body as { readonly Message?: unknown } | undefined;
  const description = typeof body?.Message === "string" ? body.Message : JSON.stringify(error.body);
  const reason = error.headers[REASON_HEADER];
  const condition = BY_STATUS.get(error.status) ?? CONDITION.internal;
  return new AmqpError(condition, reason === undefined ? description : `${description} (${reason})`);
}
