import type { Operation } from "../../kernel/call";
import { newEtag } from "../etag";
import type { ArmParts } from "../parts";
import type { StoredCertificate } from "./certificateTable";
import { certificateBody, checkEtag, existingTarget } from "./target";

/** A verification code: 24 octets as upper-case hexadecimal. A new one takes the place of the one before. */
export function generateVerificationCode(path: string, parts: ArmParts): Operation {
  return {
    name: "DpsCertificate_GenerateVerificationCode",
    method: "POST",
    path,
    handle(call) {
      const { service, certificate } = existingTarget(call, parts);
      checkEtag(call, certificate.etag, parts);
      const code = parts.ids.hex(24).toUpperCase();
      const updated = parts.clock.now().getTime();
      const stored: StoredCertificate = { ...certificate, code, updated, etag: newEtag(parts) };
      parts.certificates.put(service.key, stored);
      parts.directory.changed();
      const body = certificateBody(service, stored, parts);
      return { status: 200, body: { ...body, properties: { ...body.properties, verificationCode: code } } };
    },
  };
}
