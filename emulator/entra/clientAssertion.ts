import { createHash, type X509Certificate } from "node:crypto";
import { LOGIN_HOST, LOGIN_HOST_LEGACY } from "../../azure/hosts";
import { textOrEmpty } from "../../azure/wire/jsonObject";
import { unixSeconds } from "../kernel/clock";
import { isGuid } from "../kernel/ids";
import type { WireError } from "../kernel/operation";
import type { FederatedCredential } from "./application";
import type { EntraDependencies } from "./entraDependencies";
import { type EntraErrorName, entraError } from "./entraErrors";
import { isSignedBy, type Jwt, readJwt } from "./jwt";

/** The one kind of assertion (RFC 7523, 2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Entra tolerates a clock skew of five minutes. */
const SKEW_SECONDS = 300;
const CERTIFICATE_DOCS = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials";
const FEDERATION_DOCS = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/**
 * Validates a client assertion. One that the application issued is signed with the key of a registered certificate
 * (Microsoft identity platform, "certificate credentials"). Any other is a token of another identity provider that a
 * federated credential trusts ("workload identity federation"). Throws Entra's error.
 */
export function checkAssertion(assertion: string, deps: EntraDependencies): void {
  const fail = (name: EntraErrorName, message: string): WireError => entraError(name, message, deps);
  const token = readJwt(assertion);
  if (!token) throw fail("malformedJwt", "JWT token is invalid or malformed.");
  const issuer = textOrEmpty(token.claims.iss);
  if (issuer === "") throw fail("malformedJwt", "JWT token is invalid or malformed: the claim 'iss' is missing.");
  if (isGuid(issuer)) checkCertificate(token, deps, fail);
  else checkFederation(token, deps, fail);
  checkTimes(token, deps, fail);
}

type Fail = (name: EntraErrorName, message: string) => WireError;

function checkCertificate(token: Jwt, { tokens: { tenant }, application, clock }: EntraDependencies, fail: Fail): void {
  const { iss, sub, aud } = token.claims;
  if ([iss, sub].some((value) => textOrEmpty(value).toLowerCase() !== tenant.clientId)) {
    const message = `Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at ${CERTIFICATE_DOCS} .`;
    throw fail("assertionClient", message);
  }
  if (!isOurAudience(textOrEmpty(aud), tenant.tenantId)) {
    const message = `Client assertion audience claim does not match Realm issuer. Review the documentation at ${CERTIFICATE_DOCS} .`;
    throw fail("assertionAudience", message);
  }
  const named = thumbprintOf(token);
  if (!named) {
    const message =
      "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token header.";
    throw fail("noThumbprint", message);
  }
  const certificate = application.certificates.find((each) => digestOf(each, named.hash) === named.hex);
  if (!certificate) {
    const message = `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${named.hex}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${tenant.clientId}'.]`;
    throw fail("unknownCertificate", message);
  }
  if (!isSignedBy(token, certificate.publicKey, ["PS256", "RS256"])) {
    const message = `Client assertion contains an invalid signature. [Reason - The key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '${named.hex}'.]`;
    throw fail("unknownCertificate", message);
  }
  const now = clock.now().getTime();
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) {
    throw fail("certificateExpired", "The provided certificate is not within its specified validity window.");
  }
}

/** Entra accepts its token endpoints and its issuer, with the tenant's ID (the host may be a legacy name). */
function isOurAudience(audience: string, tenantId: string): boolean {
  const [, host = "", path = ""] = /^https:\/\/([^/]+)(\/.*)$/.exec(audience.toLowerCase()) ?? [];
  const name = host.replace(/:\d+$/, "");
  const hosts = [LOGIN_HOST, LOGIN_HOST_LEGACY, "sts.windows.net", "127.0.0.1", "localhost"];
  const paths = ["/v2.0", "/oauth2/v2.0/token", "/oauth2/token", "/", ""];
  return hosts.includes(name) && paths.some((each) => path === `/${tenantId}${each}`);
}

interface Thumbprint {
  readonly hash: "sha256" | "sha1";
  /** As Entra prints it: hexadecimal, in capitals. */
  readonly hex: string;
}

/**
 * Which certificate the header names: `x5t#S256`, `x5t` (both base64url; MSAL for Go writes plain base64, and Entra
 * accepts it), or `kid` (SHA-1 in hexadecimal).
 */
function thumbprintOf({ header }: Jwt): Thumbprint | undefined {
  // Node's decoder reads both alphabets.
  const hex = (value: string) => Buffer.from(value, "base64url").toString("hex").toUpperCase();
  const [sha256, sha1, kid] = [textOrEmpty(header["x5t#S256"]), textOrEmpty(header.x5t), textOrEmpty(header.kid)];
  if (sha256 !== "") return { hash: "sha256", hex: hex(sha256) };
  if (sha1 !== "") return { hash: "sha1", hex: hex(sha1) };
  if (kid !== "") return { hash: "sha1", hex: kid.toUpperCase() };
  return undefined;
}

const digestOf = ({ raw }: X509Certificate, hash: Thumbprint["hash"]): string =>
  createHash(hash).update(raw).digest("hex").toUpperCase();

function checkFederation(token: Jwt, { application, issuer }: EntraDependencies, fail: Fail): void {
  const { iss, sub, aud } = token.claims;
  const presented = { issuer: textOrEmpty(iss), subject: textOrEmpty(sub) };
  const audiences = (Array.isArray(aud) ? aud : [aud]).map(textOrEmpty);
  const advice = `Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${FEDERATION_DOCS}`;
  const none = (name: EntraErrorName, what: string, value: string) =>
    fail(name, `No matching federated identity record found for presented assertion ${what} '${value}'. ${advice}`);
  const trusted = application.federatedCredentials.filter((each) => each.issuer === presented.issuer);
  if (trusted.length === 0) throw none("unknownIssuer", "issuer", presented.issuer);
  const ofSubject = trusted.filter(({ subject }) => subject === presented.subject);
  if (ofSubject.length === 0) {
    const inOtherCase = ({ subject }: FederatedCredential) => subject.toLowerCase() === presented.subject.toLowerCase();
    if (!trusted.some(inOtherCase)) throw none("unknownSubject", "subject", presented.subject);
    const message = `No matching federated identity record found for presented assertion subject '${presented.subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${advice}`;
    throw fail("subjectCase", message);
  }
  if (!ofSubject.some(({ audience }) => audiences.includes(audience))) {
    throw none("unknownAudience", "audience", audiences.join(","));
  }
  if (issuer.signed(token)) return;
  const message = `The certificate with identifier ${textOrEmpty(token.header.kid) || "(none)"} used to sign the federated credential could not be found in the metadata of identity provider ${presented.issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.`;
  throw fail("unknownIssuerKey", message);
}

function checkTimes({ claims }: Jwt, { clock }: EntraDependencies, fail: Fail): void {
  const now = unixSeconds(clock);
  const { nbf, exp } = claims;
  const from = typeof nbf === "number" ? nbf : 0;
  if (typeof exp === "number" && now < exp + SKEW_SECONDS && now >= from - SKEW_SECONDS) return;
  const printed = (seconds: unknown): string =>
    typeof seconds === "number" && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : "(none)";
  const message = `Client assertion is not within its valid time range. Current time: ${printed(now)}, assertion valid from ${printed(from)}, expiry time of assertion ${printed(exp)}. Review the documentation at ${CERTIFICATE_DOCS} .`;
  throw fail("assertionTime", message);
}
