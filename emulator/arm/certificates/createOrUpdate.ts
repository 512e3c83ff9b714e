import { nameFault } from "../../../azure/names";
import type { Answer, Call, Operation } from "../../kernel/call";
import { devicesError } from "../errors";
import { newEtag } from "../etag";
import type { ArmParts } from "../parts";
import { objectAt, objectBody } from "../requestBody";
import type { StoredCertificate } from "./certificateTable";
import { certificateBody, certificateIn, checkEtag, targetOf } from "./target";

/** CA certificates that a provisioning service holds at most (Azure documentation, "DPS limits"). */
export const CERTIFICATE_LIMIT = 25;

function write(call: Call, parts: ArmParts): Answer {
  const { service, name, certificate: before } = targetOf(call, parts);
  const fault = nameFault("dpsCertificate", name);
  if (fault) throw devicesError("invalidArgument", `${fault}.`, parts);
  if (before) checkEtag(call, before.etag, parts);
  else if (call.headers["if-match"] !== undefined) throw devicesError("staleEtag", "Invalid ETag supplied.", parts);
  const body = objectBody(call);
  const asserted = body.isVerified ?? objectAt(body, "properties").isVerified ?? false;
  if (typeof asserted !== "boolean") {
    throw devicesError("invalidArgument", "'isVerified' must be true or false.", parts);
  }
  const certificate = certificateIn(call, parts);
  if (!before && parts.switches.throttling && parts.certificates.list(service.key).length >= CERTIFICATE_LIMIT) {
    const message = `A provisioning service holds at most ${CERTIFICATE_LIMIT} certificates.`;
    throw devicesError("quotaExceeded", message, parts);
  }
  const now = parts.clock.now().getTime();
  const stored: StoredCertificate = {
    name: before?.name ?? name,
    der: certificate.raw,
    isVerified: asserted,
    created: before?.created ?? now,
    updated: now,
    etag: newEtag(parts),
  };
  parts.certificates.put(service.key, stored);
  return { status: 200, body: certificateBody(service, stored, parts) };
}

/** Uploads a CA certificate, or replaces one (then If-Match is needed, and what was verified is so no longer). */
export function createOrUpdateCertificate(path: string, parts: ArmParts): Operation {
  return {
    name: "DpsCertificate_CreateOrUpdate",
    method: "PUT",
    path,
    handle(call) {
      const answer = parts.store.transaction(() => write(call, parts));
      parts.directory.changed();
      return answer;
    },
  };
}
