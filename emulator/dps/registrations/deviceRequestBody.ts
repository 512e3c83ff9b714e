import { nameKey } from "../../../azure/names";
import { isObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { isAbsent } from "../requestJson";

/** Returns whether a request contains the keys of a TPM. */
export const carriesTpmKeys = ({ body }: Request): boolean => isObject(body) && !isAbsent(body.tpm);

/** Validates the body of a registration or status look-up. Returns the device's payload, or undefined. Throws 400004. */
export function readDeviceBody(
  request: Request,
  registrationId: string,
  { fail, switches, limits }: Pick<DpsDependencies, "fail" | "switches" | "limits">,
): unknown {
  const body = request.body;
  if (switches.throttling && request.raw.length > limits.messageBytes) {
    throw fail("argument", `the message has ${request.raw.length} bytes, more than ${limits.messageBytes}`);
  }
  if (!isObject(body)) throw fail("argument", "the body is no JSON object");
  if (request.overMqtt && carriesTpmKeys(request))
    throw fail("argument", "TPM attestation is available over HTTPS and AMQP, not over MQTT");
  const { registrationId: given, csr, payload } = body;
  // Stable API versions ignore this member.
  if (!isAbsent(csr) && /-preview$/i.test(request.query.get("api-version") ?? "")) {
    throw fail("notEmulated", "certificates by CSR are not emulated by the local Azure");
  }
  if (
    given !== undefined &&
    (typeof given !== "string" || nameKey("registrationId", given) !== nameKey("registrationId", registrationId))
  ) {
    throw fail("argument", "registrationId in the body is not that of the path");
  }
  return payload ?? undefined;
}
