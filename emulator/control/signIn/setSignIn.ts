import type { FederatedCredential, SignInCredentials } from "../../entra/application";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";
import { isText, refuseUnknown } from "./requestFields";

function federatedCredential(value: unknown, index: number): FederatedCredential {
  const { name = `credential-${index + 1}`, ...rest } = (value ?? {}) as Record<string, unknown>;
  const { issuer, subject, audience } = rest;
  if (!isText(name) || !isText(issuer) || !isText(subject) || !isText(audience)) {
    throw badRequest("A federated credential needs the texts 'issuer', 'subject' and 'audience'.");
  }
  return { name, issuer, subject, audience };
}

function readCredentials(request: Request): Partial<SignInCredentials> {
  const requested = requestObject(request);
  refuseUnknown(requested, ["certificates", "federatedCredentials"]);
  const { certificates, federatedCredentials } = requested;
  if (certificates !== undefined && !(Array.isArray(certificates) && certificates.every(isText))) {
    throw badRequest("'certificates' is a list of certificates in PEM.");
  }
  if (federatedCredentials !== undefined && !Array.isArray(federatedCredentials)) {
    throw badRequest("'federatedCredentials' is a list.");
  }
  return {
    certificates: certificates as string[] | undefined,
    federatedCredentials: federatedCredentials?.map(federatedCredential),
  };
}

function get({
  application: { certificates, federatedCredentials },
}: Pick<ControlDependencies, "application">): Response {
  const described = certificates.map(({ fingerprint, fingerprint256, subject, validTo }) => ({
    subject,
    sha1: fingerprint.replaceAll(":", ""),
    sha256: fingerprint256.replaceAll(":", ""),
    notAfter: new Date(validTo).toISOString(),
  }));
  return { status: 200, body: { certificates: described, federatedCredentials } };
}

function set(request: Request, deps: Pick<ControlDependencies, "application">): Response {
  const credentials = readCredentials(request);
  try {
    deps.application.set(credentials);
  } catch (error) {
    throw badRequest(`A certificate cannot be read: ${(error as Error).message}`);
  }
  return get(deps);
}

/** Returns the certificates and federated credentials of the application. */
export const getSignIn = (deps: Pick<ControlDependencies, "application">): Operation => ({
  name: "GetSignIn",
  method: "GET",
  path: "/sign-in",
  handle: () => get(deps),
});

/** Replaces certificates, federated credentials or both. */
export const setSignIn = (deps: Pick<ControlDependencies, "application">): Operation => ({
  name: "SetSignIn",
  method: "POST",
  path: "/sign-in",
  handle: (request) => set(request, deps),
});
