import { createPrivateKey, randomBytes } from "node:crypto";
import { join } from "node:path";
import { DAY_MS } from "../../certs/clock";
import { PURPOSE_OIDS } from "../../certs/extensions";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { nameOf } from "../../certs/names";
import { toPem } from "../../certs/pem";
import { KeySigner } from "../../certs/signer";
import { createCertificate } from "../../certs/x509";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";
import type { Application } from "./application";

/** Ten years: the certificate is valid for the local Azure of one clone only. */
const LIFETIME_DAYS = 3650;

/**
 * Opens the client certificate of the application, and creates it the first time: RSA 2048, as Entra requires, with its
 * key in one PEM file (mode 0600) that the Azure SDKs and az read. Registers it with the application. Returns the path.
 */
export async function openClientCertificate(directory: string, application: Application): Promise<string> {
  const file = join(directory, "client-certificate.pem");
  const existing = readIfThere(file);
  const pem = existing ?? (await newClientCertificate());
  if (existing === undefined) writeWhole(file, pem);
  readStored(file, "delete it; a new one is then created", () => {
    createPrivateKey(pem);
    application.register(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
  });
  return file;
}

/** Private key (PKCS#8) and certificate, PEM, one after the other. */
export async function newClientCertificate(): Promise<string> {
  const key = await generateKeyPair("RSA-2048");
  const signer = new KeySigner(key);
  const now = Date.now();
  // Not by a profile of devices: its lint would take an RSA key of its own, 0.3 s of every first start.
  const certificate = await createCertificate(
    {
      subject: nameOf("azure-iot-zero-touch"),
      serialNumber: `01${randomBytes(15).toString("hex")}`,
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
      publicKey: signer.publicKey,
      basicConstraints: { ca: false, critical: true },
      keyUsage: ["digitalSignature"],
      purposes: [PURPOSE_OIDS.clientAuth],
    },
    signer,
  );
  return `${exportPrivateKey(key)}${toPem("CERTIFICATE", certificate)}`;
}
