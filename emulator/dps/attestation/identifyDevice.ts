import { nameError, nameKey } from "../../../azure/names";
import { parseSas, type SasToken } from "../../../azure/sas";
import type { Certificate } from "../../../certs/certificate";
import { presentedCertificate } from "../../kernel/clientChain";
import type { Directory, ProvisioningServiceRecord } from "../../kernel/directory";
import type { Request } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, noEnrollment, unauthorized } from "../dpsErrors";

/** A device's proof of identity: its TLS client certificates, or a shared access signature. */
export type Proof =
  | {
      readonly by: "certificate";
      readonly leaf: Certificate;
      /** The certificates after the leaf. */
      readonly presented: readonly Certificate[];
    }
  | { readonly by: "key"; readonly token: SasToken };

/** A device that calls DPS, with its proof, which is not verified yet. */
export interface Applicant extends Pick<Request, "overMqtt"> {
  readonly service: ProvisioningServiceRecord;
  /** As in the path. */
  readonly registrationId: string;
  readonly proof: Proof;
}

/** The policy name in a device's signature; the SDKs for Python and Rust, and az, leave it out. */
const POLICY = "registration";

function readChain(request: Request, { cas }: DpsDependencies): Proof {
  const [leaf, ...rest] = request.clientChain();
  if (!leaf) throw unauthorized("the device presented neither a certificate nor a shared access signature");
  try {
    const presented = rest.map((der) => cas.read(der));
    return { by: "certificate", leaf: presentedCertificate(leaf), presented };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw dpsError("unauthorized", "Invalid certificate.", { reason });
  }
}

/** A signature takes precedence over the certificate. */
function readProof(request: Request, deps: DpsDependencies): Proof {
  const header = request.headers.authorization;
  if (header === undefined) return readChain(request, deps);
  const token = parseSas(header);
  if (!token) throw unauthorized("the Authorization header is no shared access signature");
  return { by: "key", token };
}

/** Returns why a proof does not match the registration ID; undefined if it does. Signatures are not verified here. */
function nameMismatch(proof: Proof, idScope: string, registrationId: string): string | undefined {
  const id = nameKey("registrationId", registrationId);
  if (proof.by === "certificate") {
    const { commonName } = proof.leaf;
    // By the rule of registration IDs: letters outside of ASCII have letters of ASCII as their lower case.
    const isId = commonName !== undefined && nameError("registrationId", commonName) === undefined;
    if (isId && nameKey("registrationId", commonName) === id) return undefined;
    return `the certificate's common name ${commonName ?? "(none, or several)"} is not the registration ID`;
  }
  const { resource, policy } = proof.token;
  if (resource.toLowerCase() !== `${idScope}/registrations/${id}`.toLowerCase()) {
    return `the shared access signature is for ${resource}, not for ${idScope}/registrations/${registrationId}`;
  }
  return [undefined, POLICY].includes(policy)
    ? undefined
    : `the shared access signature has skn=${policy}, not ${POLICY}`;
}

/** Returns the service of a request's ID scope, and its registration ID. Throws 400004 or 404201. */
export function locate(request: Request, directory: Directory): Pick<Applicant, "service" | "registrationId"> {
  const { idScope = "", id: registrationId = "" } = request.params;
  const service = directory.provisioningServiceByIdScope(idScope);
  if (!service) {
    throw noEnrollment(`no provisioning service has the ID scope ${idScope}`);
  }
  const wrongName = nameError("registrationId", registrationId);
  if (wrongName) throw dpsError("argument", wrongName);
  return { service, registrationId };
}

/**
 * Returns the device that a request names, and its proof, which must match the registration ID; `attest` verifies it. Throws 400004, 401002 or 404201.
 */
export function identifyDevice(request: Request, deps: DpsDependencies): Applicant {
  const proof = readProof(request, deps);
  const { service, registrationId } = locate(request, deps.directory);
  const mismatch = nameMismatch(proof, service.idScope, registrationId);
  if (mismatch) throw unauthorized(mismatch);
  return { service, registrationId, proof, ...(request.overMqtt ? { overMqtt: true } : {}) };
}

/** Identifies who started an operation: the certificate's SHA-256 thumbprint, or `key`, whose signature is verified each time. */
export const beganBy = (proof: Proof): string => (proof.by === "key" ? "key" : proof.leaf.sha256Thumbprint);
