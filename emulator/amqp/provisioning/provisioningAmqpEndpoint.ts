import { nameKey } from "../../../azure/names";
import { textOrEmpty } from "../../../azure/wire/jsonObject";
import type { CallOperation } from "../../kernel/callOperation";
import { type Request, type Response, WireError } from "../../kernel/operation";
import type { AmqpClient, AmqpEndpoint } from "../amqpDependencies";
import { AmqpError, amqpErrorOf, CONDITION } from "../amqpErrors";
import { type AmqpMessage, bodyBytes, dataBody } from "../amqpMessage";
import { amqpRequest } from "../amqpRequest";
import type { AddressParams } from "../linkRoutes";
import { requestNode } from "../requestNode";
import type { TpmIdentity } from "./tpmMechanism";

/** The address of a registration; SASL PLAIN's user name is the same. */
const REGISTRATION = ":idScope/registrations/:id";
const USER_NAME = /^([^/]+)\/registrations\/([^/]+)$/i;

/**
 * Registration over AMQP at the device endpoint of DPS. Source: azure-iot-provisioning-device-amqp. A device proves itself by
 * its certificate in TLS, by a shared access signature as SASL PLAIN's password, or by its TPM in the SASL mechanism of that name. As
 * over HTTPS, the registration judges signatures: SASL refuses a user name of another form, and a TPM without an enrollment.
 */
export function provisioningAmqpEndpoint(call: CallOperation): AmqpEndpoint {
  return (client) => {
    let signature: Signature | undefined;
    return {
      authenticate(userName, password) {
        const [, idScope, id] = USER_NAME.exec(userName) ?? [];
        if (idScope === undefined || id === undefined) return false;
        signature = { idScope, id, header: password };
        return true;
      },
      tpm: {
        challenge: (identity) => challengeOf(call, client, identity),
        sign({ idScope, id }, header) {
          signature = { idScope, id, header, isOfTpm: true };
        },
      },
      links: requestNode(REGISTRATION, async (message, params) => {
        const isOwn =
          signature?.idScope === params.idScope &&
          nameKey("registrationId", signature?.id ?? "") === nameKey("registrationId", params.id ?? "");
        const response = await send(call, client, message, params, isOwn ? signature : undefined);
        if (response.status >= 400) throw refusal(response);
        return reply(response);
      }),
    };
  };
}

/** A shared access signature that the client has shown in SASL. */
interface Signature {
  readonly id: string;
  readonly idScope: string;
  readonly header: string;
  /** Whether a TPM made it with the key that it was sent. */
  readonly isOfTpm?: boolean;
}

/** Returns the key for a TPM, as the registration over HTTPS returns it to one without a signature; undefined for one that it refuses. */
async function challengeOf(
  call: CallOperation,
  client: AmqpClient,
  identity: TpmIdentity,
): Promise<Buffer | undefined> {
  const { idScope, id, endorsementKey, storageRootKey } = identity;
  const tpm = {
    endorsementKey: endorsementKey.toString("base64"),
    storageRootKey: storageRootKey.toString("base64"),
  };
  const request = amqpRequest(client, undefined, {
    method: "PUT",
    path: `/${idScope}/registrations/${encodeURIComponent(id)}/register`,
    params: { idScope, id },
    headers: {},
    raw: Buffer.from(JSON.stringify({ registrationId: id, tpm })),
  });
  const { body } = await call("RuntimeRegistration_RegisterDevice", request);
  const { authenticationKey } = (body ?? {}) as { readonly authenticationKey?: unknown };
  return typeof authenticationKey === "string" ? Buffer.from(authenticationKey, "base64") : undefined;
}

function send(
  call: CallOperation,
  client: AmqpClient,
  message: AmqpMessage,
  { idScope = "", id = "" }: AddressParams,
  signature: Signature | undefined,
): Promise<Response> {
  const properties = (message.application_properties ?? {}) as Readonly<Record<string, unknown>>;
  const request = (method: string, rest: string, more: Partial<Request>): Request =>
    amqpRequest(client, undefined, {
      method,
      path: `/${idScope}/registrations/${encodeURIComponent(id)}${rest}`,
      headers: { authorization: signature?.header },
      // The keys of a TPM are exchanged in SASL, and not in messages.
      overMqtt: signature?.isOfTpm ? undefined : true,
      ...more,
      params: { idScope, id, ...more.params },
    });
  switch (properties["iotdps-operation-type"]) {
    case "iotdps-register": {
      const raw = bodyBytes(message) ?? Buffer.alloc(0);
      return call("RuntimeRegistration_RegisterDevice", request("PUT", "/register", { raw }));
    }
    case "iotdps-get-operationstatus": {
      const operationId = textOrEmpty(properties["iotdps-operation-id"]);
      const rest = `/operations/${encodeURIComponent(operationId)}`;
      return call("RuntimeRegistration_OperationStatusLookup", request("GET", rest, { params: { operationId } }));
    }
    default: {
      const known = "iotdps-register and iotdps-get-operationstatus";
      throw new AmqpError(CONDITION.argument, `iotdps-operation-type is one of ${known}`);
    }
  }
}

/** Azure's error as the error of a rejected message: the body in its description, as the SDKs read it. */
function refusal({ status, body, headers }: Response): AmqpError {
  const { condition } = amqpErrorOf(new WireError(status, body));
  return new AmqpError(condition, JSON.stringify(body), retryAfter(headers));
}

const retryAfter = (headers: Response["headers"]): Record<string, string> | undefined =>
  headers?.["retry-after"] === undefined ? undefined : { "retry-after": headers["retry-after"] };

const reply = ({ body, headers }: Response): AmqpMessage =>
  ({
    application_properties: retryAfter(headers),
    body: dataBody(Buffer.from(JSON.stringify(body ?? {}))),
  }) as AmqpMessage;
