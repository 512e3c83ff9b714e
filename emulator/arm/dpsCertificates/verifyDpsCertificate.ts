import { type Certificate, readCertificate } from "../../../certs/certificate";
import { couldIssue } from "../../../certs/chain";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { newEtag } from "../newEtag";
import type { StoredCertificate } from "./dpsCertificateStore";
import { CERTIFICATE_PATH, certificateBody, certificateIn, checkEtag, existingTarget } from "./dpsCertificateTarget";

/** Why a leaf does not prove possession of the CA's key; undefined when it does. */
function proofError(leaf: Certificate, stored: StoredCertificate, now: Date): string | undefined {
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

function write(request: Request, deps: ArmDependencies): Response {
  const { service, certificate: before } = existingTarget(request, deps);
  checkEtag(request, before.etag, deps);
  const now = deps.clock.now();
  const error = proofError(certificateIn(request, deps), before, now);
  if (error) throw devicesError("proofOfPossessionFailed", `Proof-Of-Possession failed. ${error}`, deps);
  const { code: _used, ...rest } = before;
  const stored: StoredCertificate = { ...rest, isVerified: true, updated: now.getTime(), etag: newEtag(deps) };
  deps.certificates.put(service.key, stored);
  return { status: 200, body: certificateBody(service, stored, deps) };
}

/**
 * Proof of possession: a leaf whose common name is the verification code, signed by the uploaded CA. Anything else is
 * 400053, and nothing changes.
 */
export const verifyDpsCertificate = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_VerifyCertificate",
  method: "POST",
  path: `${CERTIFICATE_PATH}/verify`,
  handle: (request) => deps.commit(() => write(request, deps)),
});
