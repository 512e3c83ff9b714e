import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { newEtag } from "../newEtag";
import { certificateBody, checkEtag, existingTarget } from "./certificateTarget";
import type { StoredCertificate } from "./dpsCertificateStore";

/** A verification code: 24 octets as upper-case hexadecimal. A new one takes the place of the one before. */
export function generateVerificationCode(path: string, deps: ArmDependencies): Operation {
  return {
    name: "DpsCertificate_GenerateVerificationCode",
    method: "POST",
    path,
    handle(request) {
      const { service, certificate } = existingTarget(request, deps);
      checkEtag(request, certificate.etag, deps);
      const code = deps.ids.hex(24).toUpperCase();
      const updated = deps.clock.now().getTime();
      const stored: StoredCertificate = { ...certificate, code, updated, etag: newEtag(deps) };
      deps.certificates.put(service.key, stored);
      deps.directory.changed();
      const body = certificateBody(service, stored, deps);
      return { status: 200, body: { ...body, properties: { ...body.properties, verificationCode: code } } };
    },
  };
}
