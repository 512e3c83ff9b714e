import { certificateId } from "../../../azure/resourceIds";
import type { CertificateResponse } from "../../../azure/wire/dpsCertificate";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type Certificate, readCertificate, readCertificates } from "../../../certs/certificate";
import { CertsError } from "../../../certs/errors";
import { etagMatches } from "../../kernel/etag";
import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, type ErrorDependencies } from "../armErrors";
import { apiVersionOf, checkSettled, existingResource, ifMatchOf, objectAt } from "../armRequest";
import { armIdOf, type Resource } from "../microsoftResources/resourceStore";
import type { StoredCertificate } from "./caCertificateStore";
import type { DeviceServiceKind } from "./deviceServiceKind";

/** The hub or the provisioning service, and the certificate, of a request. */
export interface Target {
  readonly kind: DeviceServiceKind;
  readonly service: Resource;
  readonly name: string;
  readonly certificate: StoredCertificate | undefined;
}

/** Returns the target of a request. Throws 409002 for a change while another one is in progress. */
export function targetOf(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Target {
  const service = existingResource(request, kind.type, deps);
  if (request.method !== "GET") checkSettled(service, kind.label, deps);
  const name = request.params.certificateName ?? "";
  return { kind, service, name, certificate: deps.certificates.named(service.key, name) };
}

/** As above; throws 404015 where the certificate does not exist. */
export function existingTarget(
  kind: DeviceServiceKind,
  request: Request,
  deps: ArmDependencies,
): Target & { readonly certificate: StoredCertificate } {
  const target = targetOf(kind, request, deps);
  if (target.certificate) return { ...target, certificate: target.certificate };
  throw devicesError("certificateNotFound", `Certificate '${target.name}' not found.`, deps);
}

/** Every change requires the current ETag: without it, or with an older one, 412001 (azure-cli#13098). */
export function checkEtag(request: Request, present: string, deps: ArmDependencies): void {
  const given = ifMatchOf(request);
  if (given === undefined || !etagMatches(given, present)) {
    throw devicesError("staleEtag", "Invalid ETag supplied.", deps);
  }
}

/** `certificate` of a body, flat or below `properties`, the first of several; throws 400004 for anything but a certificate. */
export function certificateIn(body: JsonObject, deps: ErrorDependencies): Certificate {
  const text = body.certificate ?? objectAt(body, "properties").certificate;
  if (typeof text !== "string" || text === "") {
    throw devicesError("invalidArgument", "The request has no 'certificate'.", deps);
  }
  try {
    return readCertificates(text)[0] ?? readCertificate(text);
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    throw devicesError("invalidArgument", `The certificate cannot be read: ${error.message}.`, deps);
  }
}

/** Whether a response has the certificate itself. */
export const returnsCertificates = (
  { returnsCertificatesSince: since }: DeviceServiceKind,
  request: Request,
): boolean => since !== undefined && apiVersionOf(request) >= since;

/**
 * The certificate as the service returns it: `CertificateResponse` of the REST reference. A hub returns the certificate
 * itself too, as base64, in later api-versions (recorded: azure-cli `test_certificate_lifecycle.yaml`).
 */
export function certificateBody(
  kind: DeviceServiceKind,
  service: Resource,
  stored: StoredCertificate,
  request: Request,
  deps: ArmDependencies,
): CertificateResponse {
  const certificate = readCertificate(stored.der);
  return {
    properties: {
      subject: certificate.commonName ?? certificate.subject,
      expiry: certificate.notAfter.toUTCString(),
      thumbprint: certificate.sha1Thumbprint,
      isVerified: stored.isVerified,
      created: new Date(stored.created).toUTCString(),
      updated: new Date(stored.updated).toUTCString(),
      certificate: returnsCertificates(kind, request) ? stored.der.toString("base64") : null,
    },
    id: certificateId(armIdOf(service, deps.subscriptionId), stored.name),
    name: stored.name,
    type: `${kind.type}/Certificates`,
    etag: stored.etag,
  };
}
