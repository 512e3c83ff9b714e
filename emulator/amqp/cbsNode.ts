import { types } from "rhea";
import { textOrEmpty } from "../../azure/wire/jsonObject";
import { AmqpError, amqpErrorOf, CONDITION } from "./amqpErrors";
import type { AmqpMessage } from "./amqpMessage";
import type { LinkRoute } from "./linkRoutes";
import { requestNode } from "./requestNode";

/** The longest token that a client may send: a bearer token with many groups has some 16 KB. */
const MAX_TOKEN = 64 * 1024;

/** A token that a client sends to `$cbs` (AMQP Claims-based Security 1.0). */
export interface CbsToken {
  /** `sas`: a shared access signature; `jwt`: Entra's bearer token. */
  readonly kind: "sas" | "jwt";
  readonly token: string;
  /** What it is for: `HOST/devices/ID`, or `sb://HOST/PATH`. */
  readonly audience: string;
}

const KINDS: Readonly<Record<string, CbsToken["kind"]>> = {
  "servicebus.windows.net:sastoken": "sas",
  "azure-devices.net:sastoken": "sas",
  jwt: "jwt",
  bearer: "jwt",
};

function readToken({ application_properties: properties = {}, body }: AmqpMessage): CbsToken {
  const operation = textOrEmpty(properties.operation);
  if (operation !== "put-token") throw new AmqpError(CONDITION.argument, `$cbs has no operation '${operation}'`);
  const kind = KINDS[textOrEmpty(properties.type).toLowerCase()];
  if (kind === undefined)
    throw new AmqpError(CONDITION.argument, `'${textOrEmpty(properties.type)}' is no type of token`);
  const token = textOrEmpty(body);
  if (token === "" || token.length > MAX_TOKEN)
    throw new AmqpError(CONDITION.argument, "the token is missing or too long");
  // The SDK for Node names a shared access signature and sends a bearer token (azure-iothub, amqp.js).
  return { kind: /^Bearer /i.test(token) ? "jwt" : kind, token, audience: textOrEmpty(properties.name) };
}

const STATUS: Readonly<Record<string, number>> = {
  [CONDITION.argument]: 400,
  [CONDITION.unauthorized]: 401,
  [CONDITION.notFound]: 404,
};

const response = (status: number, description: string, condition?: string): AmqpMessage => ({
  application_properties: {
    "status-code": types.wrap_int(status),
    "status-description": description,
    ...(condition === undefined ? {} : { "error-condition": types.wrap_symbol(condition) }),
  },
  body: null,
});

/** The node `$cbs`. `putToken` keeps what the token proves; it throws AmqpError (or a WireError) for a token that proves
 * nothing. `accepted`: the response to one that does; IoT Hub and Event Hubs differ.
 */
export const cbsNode = (
  putToken: (token: CbsToken) => void,
  accepted: { readonly status: number; readonly description: string } = { status: 202, description: "Accepted" },
): LinkRoute[] =>
  requestNode("$cbs", (request) => {
    try {
      putToken(readToken(request));
      return response(accepted.status, accepted.description);
    } catch (error) {
      const { condition, description } = amqpErrorOf(error);
      return response(STATUS[condition] ?? 500, description, condition);
    }
  });
