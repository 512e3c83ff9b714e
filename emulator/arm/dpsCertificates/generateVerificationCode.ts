import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { newEtag } from "../newEtag";
import type { StoredCertificate } from "./dpsCertificateStore";
import { CERTIFICATE_PATH, certificateBody, checkEtag, existingTarget } from "./dpsCertificateTarget";

/** Sets a new verification code: 24 bytes as upper-case hexadecimal. It replaces the previous one. */
export const generateVerificationCode = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_GenerateVerificationCode",
  method: "POST",
  path: `${CERTIFICATE_PATH}/generateVerificationCode`,
  handle(request) {
    const { service, certificate } = existingTarget(request, deps);
    checkEtag(request, certificate.etag, deps);
    const code = deps.ids.hex(24).toUpperCase();
    const updated = deps.clock.now().getTime();
    const stored: StoredCertificate = { ...certificate, code, updated, etag: newEtag(deps) };
    deps.commit(() => deps.certificates.put(service.key, stored));
    const body = certificateBody(service, stored, deps);
    return { status: 200, body: { ...body, properties: { ...body.properties, verificationCode: code } } };
  },
});
