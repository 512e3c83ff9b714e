import { nameFault, nameKey } from "../../../azure/names";
import type { CertificateCache } from "../../../certs/cache";
import type { Certificate } from "../../../certs/certificate";
import { MAX_PATH_LENGTH } from "../../../certs/chain";
import type { Call } from "../../kernel/call";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import type { DpsParts } from "../parts";
import { readLeaf } from "./trust";

/** A device that speaks to DPS: who it says it is, with the certificates it presented in TLS. */
export interface Applicant {
  readonly service: ProvisioningServiceRecord;
  /** As it stands in the path. */
  readonly registrationId: string;
  readonly leaf: Certificate;
  /** What followed the leaf. */
  readonly presented: readonly Certificate[];
}

/** What identification needs, with the cache of CA certificates. */
export interface DeviceParts extends DpsParts {
  readonly cas: CertificateCache;
}

function readChain(call: Call, { fail, cas }: DeviceParts): { leaf: Certificate; presented: readonly Certificate[] } {
  const [leaf, ...rest] = call.clientChain();
  if (!leaf) {
    if (call.headers.authorization !== undefined) {
      throw fail("notSimulated", "registration by symmetric key or TPM is not simulated by the local Azure");
    }
    throw fail("unauthorized", "Unauthorized", { reason: "the device presented no certificate" });
  }
  try {
    return { leaf: readLeaf(leaf), presented: rest.slice(0, MAX_PATH_LENGTH).map((der) => cas.read(der)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fail("unauthorized", "Invalid certificate.", { reason });
  }
}

/**
 * The service of the ID scope, the registration ID of the path, and the certificates; the common name must be the
 * registration ID. Whether the certificates are good is not judged here. Throws 400004, 401002 or 404201.
 */
export function identify(call: Call, parts: DeviceParts): Applicant {
  const { fail } = parts;
  const { idScope = "", id: registrationId = "" } = call.params;
  const { leaf, presented } = readChain(call, parts);
  const service = parts.directory.provisioningServiceByIdScope(idScope);
  if (!service) {
    throw fail("enrollmentNotFound", "Enrollment not found.", {
      reason: `no provisioning service has the ID scope ${idScope}`,
    });
  }
  const wrongName = nameFault("registrationId", registrationId);
  if (wrongName) throw fail("argument", wrongName);
  if (leaf.commonName?.toLowerCase() !== nameKey("registrationId", registrationId)) {
    throw fail("unauthorized", "Unauthorized", {
      reason: `the certificate's common name ${leaf.commonName ?? "(none, or several)"} is not the registration ID`,
    });
  }
  return { service, registrationId, leaf, presented };
}

/** Checks the body of register and of the status look-up. */
export function checkBody(call: Call, registrationId: string, { fail }: Pick<DeviceParts, "fail">): void {
  const body = call.body;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw fail("argument", "the body is no JSON object");
  }
  const { registrationId: given, tpm } = body as Record<string, unknown>;
  if (tpm !== undefined && tpm !== null) throw fail("notSimulated", "TPM is not simulated by the local Azure");
  if (given === undefined) return;
  if (typeof given !== "string" || nameKey("registrationId", given) !== nameKey("registrationId", registrationId)) {
    throw fail("argument", "registrationId in the body is not that of the path");
  }
}
