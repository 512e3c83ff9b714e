import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeWhole } from "../kernel/stateFile";
import { Application, openApplication } from "./application";
import { openClientCertificate } from "./clientCertificate";
import { newSigningKey, openSigningKey, type SigningKey } from "./signingKey";

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

/** Opens the identity in `directory` (files of mode 0600), and creates it the first time. Returns it with the path of its certificate. */
export async function openIdentity(directory: string): Promise<Identity & { readonly clientCertificateFile: string }> {
  const application = openApplication(directory);
  const file = join(directory, "identity-secret");
  const identitySecret = readIfThere(file) ?? newSecret();
  writeWhole(file, identitySecret);
  return {
    application,
    issuerKey: openSigningKey(directory, "issuer-key.pem"),
    identitySecret,
    clientCertificateFile: await openClientCertificate(directory, application),
  };
}
