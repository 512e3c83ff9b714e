import type { Application, FederatedCredential, SignInCredentials } from "../../entra/application";
import type { IdTokenRequest, OidcIssuer } from "../../entra/oidcIssuer";
import { type Operation, type Request, type Response, WireError } from "../../kernel/operation";

const badRequest = (message: string): WireError => new WireError(400, { error: { code: "BadRequest", message } });
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Longest life of a minted token: a day, as of Kubernetes' longest service account tokens that Entra takes. */
const LONGEST_SECONDS = 86_400;

function objectOf({ body }: Request): Readonly<Record<string, unknown>> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw badRequest("The request needs a JSON object.");
}

function onlyKnown(asked: object, known: readonly string[]): void {
  const unknown = Object.keys(asked).find((name) => !known.includes(name));
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
  const asked = objectOf(request);
  onlyKnown(asked, ["certificates", "federatedCredentials"]);
  const { certificates, federatedCredentials } = asked;
  if (certificates !== undefined && !(Array.isArray(certificates) && certificates.every(isText))) {
    throw badRequest("'certificates' is a list of certificates in PEM.");
  }
  if (federatedCredentials !== undefined && !Array.isArray(federatedCredentials)) {
    throw badRequest("'federatedCredentials' is a list.");
  }
  return {
    ...(certificates === undefined ? {} : { certificates: certificates as string[] }),
    ...(federatedCredentials === undefined
      ? {}
      : { federatedCredentials: federatedCredentials.map(federatedCredential) }),
  };
}

function told({ certificates, federatedCredentials }: Application): Response {
  const described = certificates.map(({ fingerprint, fingerprint256, subject, validTo }) => ({
    subject,
    sha1: fingerprint.replaceAll(":", ""),
    sha256: fingerprint256.replaceAll(":", ""),
    notAfter: new Date(validTo).toISOString(),
  }));
  return { status: 200, body: { certificates: described, federatedCredentials } };
}

function idTokenRequest(request: Request): IdTokenRequest {
  const asked = objectOf(request);
  onlyKnown(asked, ["issuer", "subject", "audience", "lifetimeSeconds"]);
  const { lifetimeSeconds, ...texts } = asked;
  const wrong = Object.entries(texts).find(([, value]) => !isText(value))?.[0];
  if (wrong !== undefined) throw badRequest(`'${wrong}' is a text.`);
  const isSpan = typeof lifetimeSeconds === "number" && Math.abs(lifetimeSeconds) <= LONGEST_SECONDS;
  if (lifetimeSeconds !== undefined && !isSpan) {
    throw badRequest(`'lifetimeSeconds' is a number up to ${LONGEST_SECONDS}; a negative one mints an expired token.`);
  }
  return asked as IdTokenRequest;
}

/** What of sign-in is set from outside: what the application signs in with, and tokens of the identity provider. */
export function signInOperations(application: Application, issuer: OidcIssuer): readonly Operation[] {
  return [
    { name: "GetSignIn", method: "GET", path: "/sign-in", handle: () => told(application) },
    {
      name: "SetSignIn",
      method: "POST",
      path: "/sign-in",
      handle(request) {
        const credentials = readCredentials(request);
        try {
          application.set(credentials);
        } catch (error) {
          throw badRequest(`A certificate cannot be read: ${(error as Error).message}`);
        }
        return told(application);
      },
    },
    {
      name: "MintIdToken",
      method: "POST",
      path: "/id-token",
      handle: (request) => ({ status: 200, body: { token: issuer.mint(idTokenRequest(request)) } }),
    },
  ];
}
