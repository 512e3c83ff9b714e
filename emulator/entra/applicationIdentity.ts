import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, writeWhole } from "../kernel/stateFile";
import { Application, openApplication } from "./application";
import { openClientCertificate } from "./clientCertificate";
import { newSigningKey, openSigningKey, type SigningKey } from "./signingKey";

const ISSUER_KEY = "issuer-key.pem";

/** The credentials of the tenant's one application besides its secret. */
export interface Identity {
  readonly application: Application;
  /** The key of the identity provider outside of Azure. */
  readonly issuerKey: SigningKey;
  /** See `MachineDependencies`. */
  readonly identitySecret: string;
}

/** An identity that is not stored: no certificates; the issuer key is a new one by default. */
export function newIdentity(issuerKey: SigningKey = newSigningKey()): Identity {
  return { application: new Application(), issuerKey, identitySecret: newSecret() };
}

const newSecret = (): string => randomBytes(32).toString("base64url");

/**
 * Opens the identity in `directory` (files of mode 0600), and creates it the first time; the issuer key at its first use. Returns
 * it with the path of its certificate.
 */
export async function openIdentity(directory: string): Promise<Identity & { readonly clientCertificateFile: string }> {
  const application = openApplication(directory);
  const file = join(directory, "identity-secret");
  const identitySecret = readIfThere(file) ?? newSecret();
  writeWhole(file, identitySecret);
  let issuerKey = existsSync(join(directory, ISSUER_KEY)) ? openSigningKey(directory, ISSUER_KEY) : undefined;
  return {
    application,
    // Made when somebody asks for a token of the other provider: to make one takes 0.3 s of every first start.
    get issuerKey() {
      issuerKey ??= openSigningKey(directory, ISSUER_KEY);
      return issuerKey;
    },
    identitySecret,
    clientCertificateFile: await openClientCertificate(directory, application),
  };
}
