import { nameError } from "../../../azure/names";
import { type Certificate, readCertificate } from "../../../certs/certificate";
import { couldIssue } from "../../../certs/chain";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { type ArmOperation, armOperations } from "../armOperations";
import { apiVersionOf, existingResource, objectAt, readDevicesBody } from "../armRequest";
import { newEtag } from "../microsoftResources/resourceStore";
import type { StoredCertificate } from "./caCertificateStore";
import {
  certificateBody,
  certificateIn,
  checkEtag,
  existingTarget,
  returnsCertificates,
  targetOf,
} from "./caCertificateTarget";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

/** The most CA certificates of a hub or a provisioning service (Azure documentation, "DPS limits", "IoT Hub limits"). */
const CERTIFICATE_LIMIT = 25;

type Run = (kind: DeviceServiceKind, request: Request, deps: ArmDependencies) => Response;

function listCertificates(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const service = existingResource(request, kind.type, deps);
  const value = deps.certificates.list(service.key).map((each) => certificateBody(kind, service, each, request, deps));
  return { status: 200, body: { value } };
}

function getCertificate(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { service, certificate } = existingTarget(kind, request, deps);
  return { status: 200, body: certificateBody(kind, service, certificate, request, deps) };
}

/** Uploads a CA certificate, or replaces one: then If-Match is required, and the new certificate is not verified. */
function createOrUpdateCertificate(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { service, name, certificate: before } = targetOf(kind, request, deps);
  const error = nameError("dpsCertificate", name);
  if (error) throw devicesError("invalidArgument", `${error}.`, deps);
  if (before) checkEtag(request, before.etag, deps);
  else if (request.headers["if-match"] !== undefined) throw devicesError("staleEtag", "Invalid ETag supplied.", deps);
  const body = readDevicesBody(request, "provisioningService.createOrUpdateCertificate", deps);
  const certificate = certificateIn(body, deps);
  if (!before && deps.switches.throttling && deps.certificates.list(service.key).length >= CERTIFICATE_LIMIT) {
    const message = `${kind.label} '${service.name}' has the maximum of ${CERTIFICATE_LIMIT} certificates.`;
    throw devicesError("quotaExceeded", message, deps);
  }
  const now = deps.clock.now().getTime();
  const stored: StoredCertificate = {
    name: before?.name ?? name,
    der: certificate.raw,
    isVerified: (body.isVerified ?? objectAt(body, "properties").isVerified) === true,
    created: before?.created ?? now,
    updated: now,
    etag: newEtag(deps),
  };
  deps.certificates.put(service.key, stored);
  const response = certificateBody(kind, service, stored, request, deps);
  if (!returnsCertificates(kind, request)) return { status: 200, body: response };
  // A hub returns the certificate here as it was sent (recorded).
  const sent = body.certificate ?? objectAt(body, "properties").certificate;
  return { status: 200, body: { ...response, properties: { ...response.properties, certificate: sent } } };
}

/** DELETE of a CA certificate, with its ETag. */
function deleteCertificate(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { service, name, certificate } = targetOf(kind, request, deps);
  if (!certificate) return { status: 204 };
  checkEtag(request, certificate.etag, deps);
  deps.certificates.remove(service.key, name);
  return { status: 200 };
}

/** Sets a new verification code: 24 bytes as upper-case hexadecimal. It replaces the previous one. */
function generateVerificationCode(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { service, certificate } = existingTarget(kind, request, deps);
  checkEtag(request, certificate.etag, deps);
  const code = deps.ids.hex(24).toUpperCase();
  const updated = deps.clock.now().getTime();
  const stored: StoredCertificate = { ...certificate, code, updated, etag: newEtag(deps) };
  deps.certificates.put(service.key, stored);
  const body = certificateBody(kind, service, stored, request, deps);
  // Here the certificate is returned in older API versions too (recorded).
  const returned = apiVersionOf(request) <= "2021-10-15" && { certificate: stored.der.toString("base64") };
  return { status: 200, body: { ...body, properties: { ...body.properties, ...returned, verificationCode: code } } };
}

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

/**
 * Proof of possession: a leaf whose common name is the verification code, signed by the uploaded CA. Anything else is
 * 400053, and nothing changes.
 */
function verifyCertificate(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { service, certificate: before } = existingTarget(kind, request, deps);
  checkEtag(request, before.etag, deps);
  const body = readDevicesBody(request, "provisioningService.verifyCertificate", deps);
  const now = deps.clock.now();
  const error = proofError(certificateIn(body, deps), before, now);
  if (error) throw devicesError("proofOfPossessionFailed", `Proof-Of-Possession failed. ${error}`, deps);
  const { code: _used, ...rest } = before;
  const stored: StoredCertificate = { ...rest, isVerified: true, updated: now.getTime(), etag: newEtag(deps) };
  deps.certificates.put(service.key, stored);
  return { status: 200, body: certificateBody(kind, service, stored, request, deps) };
}

/** The CA certificates of hubs and provisioning services (Azure REST API "Certificates", "Dps Certificate"). */
export function caCertificateOperations(kind: DeviceServiceKind, deps: ArmDependencies): Operation[] {
  const all = `${deviceServicePath(kind)}/certificates`;
  const path = `${all}/:certificateName`;
  const names = kind.certificateOperations;
  const rows: readonly [name: string, method: Operation["method"], path: string, run: Run][] = [
    [names.list, "GET", all, listCertificates],
    [names.get, "GET", path, getCertificate],
    [names.put, "PUT", path, createOrUpdateCertificate],
    [names.remove, "DELETE", path, deleteCertificate],
    [names.code, "POST", `${path}/generateVerificationCode`, generateVerificationCode],
    [names.verify, "POST", `${path}/verify`, verifyCertificate],
  ];
  return armOperations(
    deps,
    rows.map(([name, method, at, run]): ArmOperation => [name, method, at, (request) => run(kind, request, deps)]),
  );
}
