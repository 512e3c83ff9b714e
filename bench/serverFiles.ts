import { issueRoot, issueServer } from "../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../certs/keys";
import { KeySigner } from "../certs/signer";

/** A throw-away server identity for `localhost`, PEM; `cert` is leaf and CA, so it serves as the trust anchor too. */
export async function issueServerFiles(): Promise<{ key: string; cert: string }> {
  const ca = new KeySigner(await generateKeyPair("EC-P256"));
  const root = await issueRoot({ commonName: "bench server root", signer: ca });
  const keys = await generateKeyPair("EC-P256");
  const issuer = { certificate: root, signer: ca };
  const leaf = await issueServer({ dnsNames: ["localhost"], publicKey: keys.publicKey, issuer });
  return { key: exportPrivateKey(keys), cert: `${leaf.toPem()}${root.toPem()}` };
}
