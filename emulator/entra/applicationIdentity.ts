import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeWhole } from "../kernel/stateFile";
import { Application, openApplication } from "./application";
import { openClientCertificate } from "./clientCertificate";
import { newSigningKey, openSigningKey, type SigningKey } from "./signingKey";

/** What the tenant's one application can sign in with beside its secret, and who vouches for it elsewhere. */
export interface Identity {
  readonly application: Application;
  /** Of the identity provider outside of Azure. */
  readonly issuerKey: SigningKey;
  /** See {@link MachineParts}. */
  readonly identitySecret: string;
}

/** An identity that is kept nowhere: no certificates, a key of its own or the one given. */
export function newIdentity(issuerKey: SigningKey = newSigningKey()): Identity {
  return { application: new Application(), issuerKey, identitySecret: newSecret() };
}

const newSecret = (): string => randomBytes(32).toString("base64url");

/** The identity that the files of `directory` keep (all 0600), made there the first time; with the path of its certificate. */
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
