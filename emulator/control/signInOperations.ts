import type { FederatedCredential, SignInCredentials } from "../entra/application";
import type { IdTokenRequest } from "../entra/oidcIssuer";
import { DAY_SECONDS } from "../kernel/clock";
import type { Operation, Request } from "../kernel/operation";
import type { ControlDependencies } from "./controlDependencies";
import { badRequest, requestObject } from "./controlErrors";
import { setting } from "./setting";

type SignInDependencies = Pick<ControlDependencies, "application" | "issuer">;

/** The longest lifetime of a minted token: a day, as of the longest Kubernetes tokens that Entra accepts. */
const LONGEST_SECONDS = DAY_SECONDS;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Throws 400 for a property that is not among the known ones. */
function refuseUnknown(requested: object, known: readonly string[]): void {
  const unknown = Object.keys(requested).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`There is no '${unknown}'. Known: ${known.join(", ")}.`);
}

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

/** The certificates and federated credentials of the application. */
function signIn({ application: { certificates, federatedCredentials } }: SignInDependencies): object {
  const described = certificates.map(({ fingerprint, fingerprint256, subject, validTo }) => ({
    subject,
    sha1: fingerprint.replaceAll(":", ""),
    sha256: fingerprint256.replaceAll(":", ""),
    notAfter: new Date(validTo).toISOString(),
  }));
  return { certificates: described, federatedCredentials };
}

/** Replaces certificates, federated credentials or both. */
function setSignIn(request: Request, { application }: SignInDependencies): void {
  const credentials = readCredentials(request);
  try {
    application.set(credentials);
  } catch (error) {
    throw badRequest(`A certificate cannot be read: ${(error as Error).message}`);
  }
}

function idTokenRequest(request: Request): IdTokenRequest {
  const requested = requestObject(request);
  refuseUnknown(requested, ["issuer", "subject", "audience", "lifetimeSeconds"]);
  const { lifetimeSeconds, ...texts } = requested;
  const wrong = Object.entries(texts).find(([, value]) => !isText(value))?.[0];
  if (wrong !== undefined) throw badRequest(`'${wrong}' is a text.`);
  const isSpan = typeof lifetimeSeconds === "number" && Math.abs(lifetimeSeconds) <= LONGEST_SECONDS;
  if (lifetimeSeconds !== undefined && !isSpan) {
    throw badRequest(`'lifetimeSeconds' is a number up to ${LONGEST_SECONDS}; a negative one mints an expired token.`);
  }
  return requested as IdTokenRequest;
}

/** The credentials of the application, and tokens of the identity provider outside of Azure. */
export const signInOperations = (deps: SignInDependencies): Operation[] => [
  ...setting(
    "SignIn",
    "/sign-in",
    () => signIn(deps),
    (request) => setSignIn(request, deps),
  ),
  {
    name: "MintIdToken",
    method: "POST",
    path: "/id-token",
    handle: (request) => ({ status: 200, body: { token: deps.issuer.mint(idTokenRequest(request)) } }),
  },
];
