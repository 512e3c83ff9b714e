import { randomBytes } from "node:crypto";
import { PURPOSE_OIDS } from "../certs/extensions";
import { issueRoot } from "../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../certs/keys";
import { nameOf } from "../certs/names";
import { toPem } from "../certs/pem";
import { KeySigner } from "../certs/signer";
import { createCertificate } from "../certs/x509";

/** A throw-away server identity for `localhost`, PEM; `cert` is leaf and CA, so it serves as the trust anchor too. */
export async function issueServerFiles(): Promise<{ key: string; cert: string }> {
  const ca = new KeySigner(await generateKeyPair("EC-P256"));
  const root = await issueRoot({ commonName: "bench server root", signer: ca });
  const keys = await generateKeyPair("EC-P256");
  const leaf = await createCertificate(
    {
      subject: nameOf("localhost"),
      issuer: root.subjectDer,
      serialNumber: `01${randomBytes(15).toString("hex")}`,
      notBefore: root.notBefore,
      notAfter: root.notAfter,
      publicKey: keys.publicKey,
      authorityKeyIdentifier: root.extensions.subjectKeyIdentifier,
      basicConstraints: { ca: false, critical: true },
      keyUsage: ["digitalSignature"],
      purposes: [PURPOSE_OIDS.serverAuth],
      alternativeNames: [{ type: "dns", value: "localhost" }],
    },
    ca,
  );
  return { key: exportPrivateKey(keys), cert: `${toPem("CERTIFICATE", leaf)}${root.toPem()}` };
}
