import { type Certificate, readCertificate } from "../../../certs/certificate";
import { couldIssue } from "../../../certs/chain";
import type { Answer, Call, Operation } from "../../kernel/call";
import { devicesError } from "../errors";
import { newEtag } from "../etag";
import type { ArmParts } from "../parts";
import type { StoredCertificate } from "./certificateTable";
import { certificateBody, certificateIn, checkEtag, existingTarget } from "./target";

/** Why a leaf does not prove possession of the CA's key; undefined when it does. */
function proofFault(leaf: Certificate, stored: StoredCertificate, now: Date): string | undefined {
  const ca = readCertificate(stored.der);
  if (stored.code === undefined) return "No verification code was generated for this certificate.";
  if (!couldIssue(ca, leaf) || !leaf.isSignedBy(ca.publicKey)) {
    return `Issuer certificate '${ca.subject}' cannot be found in the certificate chain.`;
  }
  if (now < leaf.notBefore || now > leaf.notAfter) return "The verification certificate is not in its validity period.";
  if (leaf.commonName?.toUpperCase() !== stored.code) {
    return "The subject of the verification certificate is not the verification code.";
  }
  return undefined;
}

function write(call: Call, parts: ArmParts): Answer {
  const { service, certificate: before } = existingTarget(call, parts);
  checkEtag(call, before.etag, parts);
  const now = parts.clock.now();
  const fault = proofFault(certificateIn(call, parts), before, now);
  if (fault) throw devicesError("proofOfPossessionFailed", `Proof-Of-Possession failed. ${fault}`, parts);
  const { code: _used, ...rest } = before;
  const stored: StoredCertificate = { ...rest, isVerified: true, updated: now.getTime(), etag: newEtag(parts) };
  parts.certificates.put(service.key, stored);
  return { status: 200, body: certificateBody(service, stored, parts) };
}

/**
 * Proof of possession: a leaf whose common name is the verification code, signed by the uploaded CA. Anything else is
 * 400053, and nothing changes.
 */
export function verifyCertificate(path: string, parts: ArmParts): Operation {
  return {
    name: "DpsCertificate_VerifyCertificate",
    method: "POST",
    path,
    handle(call) {
      const answer = parts.store.transaction(() => write(call, parts));
      parts.directory.changed();
      return answer;
    },
  };
}
