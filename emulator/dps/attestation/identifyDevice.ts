import { nameFault, nameKey } from "../../../azure/names";
import { parseSas, type SasToken } from "../../../azure/sas";
import type { CertificateCache } from "../../../certs/cache";
import type { Certificate } from "../../../certs/certificate";
import { MAX_PATH_LENGTH } from "../../../certs/chain";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import type { Request } from "../../kernel/operation";
import type { PostJson } from "../allocation/postJson";
import type { DpsDependencies } from "../dpsDependencies";
import { isAbsent, isObject } from "../requestJson";
import type { TpmChallengeStore } from "../tpm/tpmChallengeStore";
import { readLeaf } from "./trustAnchors";

/** What a device shows of itself: the certificates it presented in TLS, or a shared access signature. */
export type Proof =
  | {
      readonly by: "certificate";
      readonly leaf: Certificate;
      /** What followed the leaf. */
      readonly presented: readonly Certificate[];
    }
  | { readonly by: "key"; readonly token: SasToken };

/** A device that speaks to DPS: who it says it is, with its proof, which is not judged yet. */
export interface Applicant extends Pick<Request, "overMqtt"> {
  readonly service: ProvisioningServiceRecord;
  /** As it stands in the path. */
  readonly registrationId: string;
  readonly proof: Proof;
}

/** What the device API stands on beside the rest: the cache of CA certificates, and the way to webhooks. */
export interface DeviceDependencies extends DpsDependencies {
  readonly postJson: PostJson;
  readonly cas: CertificateCache;
  readonly challenges: TpmChallengeStore;
}

/** The name that a device's signature carries in place of a shared access policy. */
const POLICY = "registration";

function readChain(request: Request, { fail, cas }: DeviceDependencies): Proof {
  const [leaf, ...rest] = request.clientChain();
  if (!leaf) {
    const reason = "the device presented neither a certificate nor a shared access signature";
    throw fail("unauthorized", "Unauthorized", { reason });
  }
  try {
    const presented = rest.slice(0, MAX_PATH_LENGTH).map((der) => cas.read(der));
    return { by: "certificate", leaf: readLeaf(leaf), presented };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fail("unauthorized", "Invalid certificate.", { reason });
  }
}

/** A signature, when there is one, goes before the certificate: it was sent on purpose. */
function readProof(request: Request, deps: DeviceDependencies): Proof {
  const header = request.headers.authorization;
  if (header === undefined) return readChain(request, deps);
  const token = parseSas(header);
  if (!token) {
    const reason = "the Authorization header is no shared access signature";
    throw deps.fail("unauthorized", "Unauthorized", { reason });
  }
  return { by: "key", token };
}

/** Why what the proof says of itself does not fit the registration ID; its signatures are not judged here. */
function nameMismatch(proof: Proof, idScope: string, registrationId: string): string | undefined {
  const id = nameKey("registrationId", registrationId);
  if (proof.by === "certificate") {
    const { commonName } = proof.leaf;
    if (commonName?.toLowerCase() === id) return undefined;
    return `the certificate's common name ${commonName ?? "(none, or several)"} is not the registration ID`;
  }
  const { resource, policy } = proof.token;
  if (resource.toLowerCase() !== `${idScope}/registrations/${id}`.toLowerCase()) {
    return `the shared access signature is for ${resource}, not for ${idScope}/registrations/${registrationId}`;
  }
  return policy === POLICY ? undefined : `the shared access signature lacks skn=${POLICY}`;
}

/** The service of a call's ID scope and the registration ID of its path. Throws 400004 or 404201. */
export function locate(
  request: Request,
  { directory, fail }: DeviceDependencies,
): Pick<Applicant, "service" | "registrationId"> {
  const { idScope = "", id: registrationId = "" } = request.params;
  const service = directory.provisioningServiceByIdScope(idScope);
  if (!service) {
    throw fail("enrollmentNotFound", "Enrollment not found.", {
      reason: `no provisioning service has the ID scope ${idScope}`,
    });
  }
  const wrongName = nameFault("registrationId", registrationId);
  if (wrongName) throw fail("argument", wrongName);
  return { service, registrationId };
}

/**
 * Who a call is from, and the proof, which must be for that registration ID. Whether it is good is not judged here. Throws
 * 400004, 401002 or 404201.
 */
export function identify(request: Request, deps: DeviceDependencies): Applicant {
  const { fail } = deps;
  const proof = readProof(request, deps);
  const { service, registrationId } = locate(request, deps);
  const mismatch = nameMismatch(proof, service.idScope, registrationId);
  if (mismatch) throw fail("unauthorized", "Unauthorized", { reason: mismatch });
  return { service, registrationId, proof, ...(request.overMqtt ? { overMqtt: true } : {}) };
}

/** Whether a call carries the keys of a TPM. */
export const carriesTpm = ({ body }: Request): boolean => isObject(body) && !isAbsent(body.tpm);

/** Checks the body of register and of the status look-up; answers the device's own payload, undefined when there is none. */
export function checkBody(
  request: Request,
  registrationId: string,
  { fail, switches, limits }: Pick<DeviceDependencies, "fail" | "switches" | "limits">,
): unknown {
  const body = request.body;
  if (switches.throttling && request.raw.length > limits.messageOctets) {
    throw fail("argument", `the message has ${request.raw.length} octets, more than ${limits.messageOctets}`);
  }
  if (!isObject(body)) throw fail("argument", "the body is no JSON object");
  if (request.overMqtt && carriesTpm(request))
    throw fail("argument", "TPMs are attested over HTTPS and AMQP, not over MQTT");
  const { registrationId: given, csr, payload } = body;
  // The stable versions know no such member, and pass over it.
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
