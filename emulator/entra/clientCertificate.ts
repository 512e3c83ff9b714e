import { join } from "node:path";
import { issueSelfSignedDevice } from "../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { toPem } from "../../certs/pem";
import { KeySigner } from "../../certs/signer";
import { readIfThere, writeWhole } from "../kernel/stateFile";
import type { Application } from "./application";

/** Ten years: it opens nothing but the local Azure of one clone. */
const LIFETIME_DAYS = 3650;

/**
 * The client certificate that the local Azure makes for its application: RSA 2048, as Entra asks for, key and certificate
 * in one PEM file (0600) as the Azure SDKs and az read it. Registered with the application. Returns the file's path.
 */
export async function openClientCertificate(directory: string, application: Application): Promise<string> {
  const file = join(directory, "client-certificate.pem");
  const kept = readIfThere(file);
  const pem = kept ?? (await newClientCertificate());
  if (kept === undefined) writeWhole(file, pem);
  application.register(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
  return file;
}

/** Private key (PKCS#8) and certificate, PEM, one after the other. */
export async function newClientCertificate(): Promise<string> {
  const key = await generateKeyPair("RSA-2048");
  const certificate = await issueSelfSignedDevice({
    registrationId: "azure-iot-zero-touch",
    signer: new KeySigner(key),
    lifetimeDays: LIFETIME_DAYS,
  });
  return `${exportPrivateKey(key)}${toPem("CERTIFICATE", certificate.raw)}`;
}
