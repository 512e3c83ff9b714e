import {
  constants,
  createHash,
  createPrivateKey,
  type KeyObject,
  randomUUID,
  sign,
  X509Certificate,
} from "node:crypto";
import { SignInError } from "./entraToken";

/** Whom an assertion is for, and the password of an encrypted key. */
export interface AssertionOptions {
  readonly clientId: string;
  /** The token endpoint. */
  readonly audience: string;
  readonly password?: string | undefined;
}

const LIFETIME_SECONDS = 600;

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * A client assertion signed with the key of a certificate, as Entra takes it in place of a secret (Microsoft identity platform,
 * "certificate credentials"). `pem` has the certificate and its RSA key. Errors: SignInError.
 */
export function clientAssertion(pem: string, { clientId, audience, password }: AssertionOptions): string {
  const { key, certificate } = readPem(pem, password);
  const now = Math.floor(Date.now() / 1000);
  const header = {
    alg: "PS256",
    typ: "JWT",
    "x5t#S256": createHash("sha256").update(certificate.raw).digest("base64url"),
  };
  const who = { aud: audience, iss: clientId, sub: clientId, jti: randomUUID() };
  const signed = `${encode(header)}.${encode({ ...who, nbf: now, exp: now + LIFETIME_SECONDS })}`;
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, ...padding }).toString("base64url")}`;
}

function readPem(pem: string, passphrase: string | undefined): { key: KeyObject; certificate: X509Certificate } {
  try {
    return { key: createPrivateKey({ key: pem, passphrase }), certificate: new X509Certificate(pem) };
  } catch {
    // OpenSSL's own error says nothing more, and its cause could quote the file.
    throw new SignInError(
      "the client certificate's file has no PEM certificate with a private key, or the key's password is wrong.\n" +
        "  To fix: correct ARM_CLIENT_CERTIFICATE_PATH and ARM_CLIENT_CERTIFICATE_PASSWORD",
    );
  }
}
