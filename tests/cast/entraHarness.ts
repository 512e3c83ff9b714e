import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { SignJWT } from "jose";
import { Application } from "../../emulator/entra/application";
import { newClientCertificate } from "../../emulator/entra/clientCertificate";
import { entraService } from "../../emulator/entra/entraService";
import { OidcIssuer } from "../../emulator/entra/oidcIssuer";
import { newSigningKey } from "../../emulator/entra/signingKey";
import { TENANT, tokensOf } from "./armHarness";
import { type Served, serve } from "./served";
import { type TestDependencies, testDependencies } from "./testDependencies";

/** A client certificate with its key, made once for the whole run. */
export interface ClientIdentity {
  readonly pem: string;
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

let made: Promise<ClientIdentity> | undefined;

export function clientIdentity(): Promise<ClientIdentity> {
  made ??= newClientCertificate().then((pem) => ({
    pem,
    key: createPrivateKey(pem),
    certificate: new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"))),
  }));
  return made;
}

/** The outcome of a token request: the token's claims, or the OAuth error with Entra's number and message. */
export type SignIn =
  | { readonly token: Readonly<Record<string, unknown>> }
  | { readonly status: number; readonly error: string; readonly code: number; readonly message: string };

/** Entra alone with a clock that tests advance, an application and an identity provider. */
export interface EntraHarness extends Served {
  readonly shared: TestDependencies;
  readonly application: Application;
  readonly issuer: OidcIssuer;
  /** Seconds since 1970, of that clock. */
  now(): number;
  /** A token request with a client assertion. */
  signIn(assertion: string, change?: Readonly<Record<string, string>>): Promise<SignIn>;
}

const issuerKey = newSigningKey();

export async function entraHarness(): Promise<EntraHarness> {
  const shared = testDependencies();
  const application = new Application();
  const issuer = new OidcIssuer(() => issuerKey, shared);
  const served = await serve(entraService({ ...shared, tokens: tokensOf(shared), application, issuer }));
  return {
    ...served,
    shared,
    application,
    issuer,
    now: () => Math.floor(shared.clock.now().getTime() / 1000),
    async signIn(assertion, change = {}) {
      const form = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: TENANT.clientId,
        scope: "https://management.azure.com/.default",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
        ...change,
      });
      const headers = { host: "login.microsoftonline.com", "content-type": "application/x-www-form-urlencoded" };
      const { status, body } = await served.send("POST", `/${TENANT.tenantId}/oauth2/v2.0/token`, `${form}`, headers);
      const response = body as Record<string, unknown>;
      if (typeof response.access_token === "string") {
        const [, claims = ""] = response.access_token.split(".");
        return { token: JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) };
      }
      const [code = 0] = response.error_codes as number[];
      return { status, error: String(response.error), code, message: String(response.error_description) };
    },
  };
}

/** A client's own assertion, signed by another implementation (jose) than the one that validates it. */
export function clientAssertion(
  key: KeyObject,
  header: Readonly<Record<string, string>>,
  claims: Readonly<Record<string, unknown>>,
  alg: "PS256" | "RS256" = "PS256",
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(key);
}
