/**
 * A client program as a user would write it, with Microsoft's own packages for keys, certificates and sign-in, and nothing
 * but the environment to point it anywhere. Its argument is the vault's name; it prints one JSON object of what it saw.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  verify,
  X509Certificate,
} from "node:crypto";
import { DefaultAzureCredential } from "@azure/identity";
import { CertificateClient, type CertificatePolicy } from "@azure/keyvault-certificates";
import { CryptographyClient, KeyClient, type KeyVaultKey } from "@azure/keyvault-keys";
import { issueDevice, issueRoot } from "../../certs/issue";
import { readRequest } from "../../certs/request";
import { newSigner } from "./certs";
import { failure } from "./refusal";

const QUICK = { intervalInMs: 20 };

const count = async (items: AsyncIterable<unknown>): Promise<number> => {
  let found = 0;
  for await (const _ of items) found += 1;
  return found;
};

const DATA = Buffer.from("what is signed");
const DIGEST = createHash("sha256").update(DATA).digest();

function publicKeyOf({ key }: KeyVaultKey) {
  const text = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString("base64url");
  const jwk: JsonWebKey =
    key?.kty === "EC"
      ? { kty: "EC", crv: key.crv ?? "", x: text(key.x), y: text(key.y) }
      : { kty: "RSA", n: text(key?.n), e: text(key?.e) };
  return createPublicKey({ key: jwk, format: "jwk" });
}

async function keys(url: string, credential: DefaultAzureCredential): Promise<object> {
  const client = new KeyClient(url, credential);
  const ca = await client.createEcKey("ca", { curve: "P-256", keyOps: ["sign", "verify"], tags: { made: "sdk" } });
  const crypto = new CryptographyClient(ca, credential);
  const { result: signature } = await crypto.sign("ES256", DIGEST);
  const { result: dataSignature } = await crypto.signData("ES256", DATA);
  const options = { key: publicKeyOf(ca), dsaEncoding: "ieee-p1363" } as const;
  const wrongAlgorithm = await failure(() => crypto.sign("RS256", DIGEST));
  const verified = await crypto.verify("ES256", DIGEST, signature);

  const rsa = await client.createRsaKey("rsa", { keySize: 2048 });
  const opener = new CryptographyClient(rsa.id ?? "", credential);
  const text = Buffer.from("to be opened in the vault");
  const sealed = await opener.encrypt({ algorithm: "RSA-OAEP-256", plaintext: text });
  const opened = await opener.decrypt({ algorithm: "RSA-OAEP-256", ciphertext: sealed.result });
  const wrapped = await opener.wrapKey("RSA-OAEP", DIGEST);
  const unwrapped = await opener.unwrapKey("RSA-OAEP", wrapped.result);
  const pss = await opener.sign("PS256", DIGEST);

  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const jwk = privateKey.export({ format: "jwk" });
  const bytes = (part = ""): Buffer => Buffer.from(part, "base64url");
  const imported = await client.importKey("taken", {
    kty: "EC",
    crv: "P-384",
    x: bytes(jwk.x),
    y: bytes(jwk.y),
    d: bytes(jwk.d),
    keyOps: ["sign"],
  });

  const rotated = await client.rotateKey("ca");
  const policy = await client.updateKeyRotationPolicy("ca", {
    lifetimeActions: [{ action: "Rotate", timeAfterCreate: "P6M" }],
    expiresIn: "P1Y",
  });
  const updated = await client.updateKeyProperties("ca", rotated.properties.version ?? "", { enabled: false });
  const disabled = await failure(() => new CryptographyClient(updated.id ?? "", credential).sign("ES256", DIGEST));
  const backup = await client.backupKey("taken");
  const deleted = await (await client.beginDeleteKey("taken", QUICK)).pollUntilDone();
  const inTheWay = await failure(() => client.createEcKey("taken"));
  await (await client.beginRecoverDeletedKey("taken", QUICK)).pollUntilDone();
  await (await client.beginDeleteKey("taken", QUICK)).pollUntilDone();
  await client.purgeDeletedKey("taken");
  const gone = await failure(() => client.getKey("taken"));
  const restored = await client.restoreKeyBackup(backup ?? new Uint8Array());
  return {
    ca: { type: ca.keyType, ops: ca.keyOperations, tags: ca.properties.tags, exportable: ca.properties.exportable },
    signed: [signature, dataSignature].map((each) => verify("sha256", DATA, options, each)),
    verified: verified.result,
    wrongAlgorithm,
    opened: Buffer.from(opened.result).toString(),
    unwrapped: DIGEST.equals(Buffer.from(unwrapped.result)),
    pss: verify("sha256", DATA, { key: publicKeyOf(rsa), padding: 6, saltLength: 32 }, pss.result),
    imported: [
      imported.key?.crv,
      Buffer.from(imported.key?.x ?? []).equals(bytes(jwk.x)),
      imported.key?.d === undefined,
    ],
    rotated: rotated.properties.version !== ca.properties.version,
    policy: [policy.expiresIn, policy.lifetimeActions],
    disabled,
    deleted: deleted.properties.recoveryId,
    inTheWay,
    gone,
    restored: restored.properties.version === imported.properties.version,
    listed: await count(client.listPropertiesOfKeys()),
    versions: await count(client.listPropertiesOfKeyVersions("ca")),
    symmetric: await failure(() => client.createOctKey("oct")),
    hardware: await failure(() => client.createRsaKey("hsm", { hsm: true })),
  };
}

async function certificates(url: string, credential: DefaultAzureCredential): Promise<object> {
  const client = new CertificateClient(url, credential);
  const own: CertificatePolicy = {
    issuerName: "Self",
    subject: "CN=self-signed, O=Contoso",
    keyType: "EC",
    keyCurveName: "P-256",
    subjectAlternativeNames: { dnsNames: ["self.example"] },
    validityInMonths: 6,
  };
  const self = await (await client.beginCreateCertificate("self", own, QUICK)).pollUntilDone();
  const certificate = new X509Certificate(Buffer.from(self.cer ?? []));

  const wish: CertificatePolicy = { ...own, issuerName: "Unknown", subject: "CN=device-01" };
  await client.beginCreateCertificate("device-01", wish, QUICK);
  const operation = (await client.getCertificateOperation("device-01", QUICK)).getOperationState();
  const csr = Buffer.from(operation.certificateOperation?.csr ?? []);
  const twice = await failure(() => client.beginCreateCertificate("device-01", wish, QUICK));
  const signer = await newSigner();
  const issuer = { certificate: await issueRoot({ commonName: "outside", signer }), signer };
  const leaf = await issueDevice({ registrationId: "device-01", publicKey: readRequest(csr).publicKey, issuer });
  const stranger = await failure(() => client.mergeCertificate("device-01", [issuer.certificate.raw]));
  const merged = await client.mergeCertificate("device-01", [leaf.raw, issuer.certificate.raw]);

  await client.updateCertificatePolicy("self", { ...own, validityInMonths: 3 });
  // The client's update returns no body.
  const changed = await client.getCertificatePolicy("self");
  await client.setContacts([{ email: "a@b.example", name: "A" }]);
  await client.createIssuer("digi", "DigiCert", { accountId: "account", password: "hidden" });
  const fromIssuer = await failure(() => client.beginCreateCertificate("digi", { ...own, issuerName: "digi" }, QUICK));
  const backup = await client.backupCertificate("self");
  const deleted = await (await client.beginDeleteCertificate("self", QUICK)).pollUntilDone();
  await (await client.beginRecoverDeletedCertificate("self", QUICK)).pollUntilDone();
  await (await client.beginDeleteCertificate("self", QUICK)).pollUntilDone();
  await client.purgeDeletedCertificate("self");
  const gone = await failure(() => client.getCertificate("self"));
  const restored = await client.restoreCertificateBackup(backup ?? new Uint8Array());
  return {
    self: [
      certificate.subject,
      certificate.subjectAltName,
      certificate.verify(certificate.publicKey),
      self.properties.enabled,
    ],
    twice,
    stranger,
    merged: leaf.raw.equals(Buffer.from(merged.cer ?? [])),
    months: changed.validityInMonths,
    contacts: await client.getContacts(),
    issuer: (await client.getIssuer("digi")).accountId,
    fromIssuer,
    deleted: deleted.recoveryId,
    gone,
    restored: Buffer.from(restored.cer ?? []).equals(certificate.raw),
    listed: await count(client.listPropertiesOfCertificates({ includePending: true })),
  };
}

async function tour(vault: string): Promise<object> {
  const url = `https://${vault}.vault.azure.net`;
  const credential = new DefaultAzureCredential();
  return { keys: await keys(url, credential), certificates: await certificates(url, credential) };
}

tour(process.argv[2] ?? "").then(
  (seen) => process.stdout.write(JSON.stringify(seen)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
