import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { newEtag } from "../newEtag";
import { objectAt, objectBody } from "../requestBody";
import type { StoredCertificate } from "./dpsCertificateStore";
import { CERTIFICATE_PATH, certificateBody, certificateIn, checkEtag, targetOf } from "./dpsCertificateTarget";

/** The most CA certificates of a provisioning service (Azure documentation, "DPS limits"). */
export const CERTIFICATE_LIMIT = 25;

function write(request: Request, deps: ArmDependencies): Response {
  const { service, name, certificate: before } = targetOf(request, deps);
  const error = nameError("dpsCertificate", name);
  if (error) throw devicesError("invalidArgument", `${error}.`, deps);
  if (before) checkEtag(request, before.etag, deps);
  else if (request.headers["if-match"] !== undefined) throw devicesError("staleEtag", "Invalid ETag supplied.", deps);
  const body = objectBody(request);
  const asserted = body.isVerified ?? objectAt(body, "properties").isVerified ?? false;
  if (typeof asserted !== "boolean") {
    throw devicesError("invalidArgument", "'isVerified' must be true or false.", deps);
  }
  const certificate = certificateIn(request, deps);
  if (!before && deps.switches.throttling && deps.certificates.list(service.key).length >= CERTIFICATE_LIMIT) {
    const message = `A provisioning service can have at most ${CERTIFICATE_LIMIT} certificates.`;
    throw devicesError("quotaExceeded", message, deps);
  }
  const now = deps.clock.now().getTime();
  const stored: StoredCertificate = {
    name: before?.name ?? name,
    der: certificate.raw,
    isVerified: asserted,
    created: before?.created ?? now,
    updated: now,
    etag: newEtag(deps),
  };
  deps.certificates.put(service.key, stored);
  return { status: 200, body: certificateBody(service, stored, deps) };
}

/** Uploads a CA certificate, or replaces one: then If-Match is required, and the new certificate is not verified. */
export const createOrUpdateDpsCertificate = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_CreateOrUpdate",
  method: "PUT",
  path: CERTIFICATE_PATH,
  handle: (request) => deps.commit(() => write(request, deps)),
});
