import { certificateId } from "../../../azure/resourceIds";
import type { CertificateResponse } from "../../../azure/wire/certificate";
import { type Certificate, readCertificate } from "../../../certs/certificate";
import { CertsError } from "../../../certs/errors";
import type { Call } from "../../kernel/call";
import { etagMatches } from "../../kernel/etag";
import { SERVICE_LABEL, SERVICE_TYPE } from "../devices/provisioningService";
import { idOf } from "../devices/resourceBody";
import { devicesError } from "../errors";
import { checkSettled, existingResource } from "../existing";
import type { ArmParts } from "../parts";
import { objectAt, objectBody } from "../requestBody";
import type { Resource } from "../resourceTable";
import type { StoredCertificate } from "./certificateTable";

/** The path parameter that names the certificate. */
export const CERTIFICATE = "certificateName";

/** What a call on a certificate is about. */
export interface Target {
  readonly service: Resource;
  readonly name: string;
  readonly certificate: StoredCertificate | undefined;
}

/** Throws 409002 for a change while the service is in the middle of another one. */
export function targetOf(call: Call, parts: ArmParts): Target {
  const service = existingResource(call, SERVICE_TYPE, parts);
  if (call.method !== "GET") checkSettled(service, SERVICE_LABEL, parts);
  const name = call.params[CERTIFICATE] ?? "";
  return { service, name, certificate: parts.certificates.named(service.key, name) };
}

/** As above, where the certificate must be there; throws 404015. */
export function existingTarget(call: Call, parts: ArmParts): Target & { readonly certificate: StoredCertificate } {
  const target = targetOf(call, parts);
  if (target.certificate) return { ...target, certificate: target.certificate };
  throw devicesError("certificateNotFound", `Certificate '${target.name}' not found.`, parts);
}

/** Every step names the ETag of the one before: without it, or with an older one, 412001 (azure-cli#13098). */
export function checkEtag(call: Call, present: string, parts: ArmParts): void {
  const given = call.headers["if-match"];
  if (given === undefined || !etagMatches(given, present)) {
    throw devicesError("staleEtag", "Invalid ETag supplied.", parts);
  }
}

/** `certificate` of a body, flat or below `properties`; throws 400004 when it is no certificate. */
export function certificateIn(call: Call, parts: ArmParts): Certificate {
  const body = objectBody(call);
  const text = body.certificate ?? objectAt(body, "properties").certificate;
  if (typeof text !== "string" || text === "") {
    throw devicesError("invalidArgument", "The request has no 'certificate'.", parts);
  }
  try {
    return readCertificate(text);
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    throw devicesError("invalidArgument", `The certificate cannot be read: ${error.message}.`, parts);
  }
}

/** The certificate as the service gives it: `CertificateResponse` of the REST reference. */
export function certificateBody(service: Resource, stored: StoredCertificate, parts: ArmParts): CertificateResponse {
  const certificate = readCertificate(stored.der);
  return {
    properties: {
      subject: certificate.commonName ?? certificate.subject,
      expiry: certificate.notAfter.toUTCString(),
      thumbprint: certificate.sha1Thumbprint,
      isVerified: stored.isVerified,
      created: new Date(stored.created).toUTCString(),
      updated: new Date(stored.updated).toUTCString(),
      certificate: null,
    },
    id: certificateId(idOf(service, parts.subscriptionId), stored.name),
    name: stored.name,
    type: `${SERVICE_TYPE}/Certificates`,
    etag: stored.etag,
  };
}
