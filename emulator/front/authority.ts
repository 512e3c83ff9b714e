import { DAY_MS } from "../../certs/clock";
import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import { X509Certificate } from "@peculiar/x509";
import { DPS_SUFFIX, HUB_SUFFIX, VAULT_SUFFIX } from "../../azure/hosts";
import { type Certificate, readCertificate } from "../../certs/certificate";
import { PURPOSE_OIDS } from "../../certs/extensions";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { nameOf } from "../../certs/names";
import { toPem } from "../../certs/pem";
import { KeySigner } from "../../certs/signer";
import { createCertificate } from "../../certs/x509";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

/** Validity of the local CA: ten years, because users add it to trust stores. */
const CA_DAYS = 3650;
/** Longest validity of a server certificate that TLS clients accept (CA/Browser Forum, SC-22: 398 days). */
const SERVER_DAYS = 397;

/**
 * The name constraints of the local CA (RFC 5280, 4.2.1.10). Whoever trusts the CA trusts it for these names only, which
 * limits the damage of a stolen CA key.
 */
const PERMITTED_NAMES = [
  "management.azure.com",
  "login.microsoftonline.com",
  "login.windows.net",
  "graph.microsoft.com",
  DPS_SUFFIX,
  HUB_SUFFIX,
  VAULT_SUFFIX,
  "servicebus.windows.net",
  "blob.core.windows.net",
  "localhost",
];

/** A server's certificate with its private key, PEM; the certificate is followed by the CA's. */
export interface ServerIdentity {
  readonly certificate: string;
  readonly key: string;
  /** Milliseconds since 1970 at which it expires. */
  readonly notAfter: number;
}

/** The local certificate authority: issues a server certificate for exactly the requested name. */
export interface Authority {
  /** The CA's certificate, PEM. */
  readonly certificate: string;
  /** Absolute path of that PEM. */
  readonly file: string;
  /** `name` is a DNS name in lower case, or an IPv4 address. */
  issue(name: string): Promise<ServerIdentity>;
}

// TLS clients check validity by the machine's clock, so certificates do not follow the local Azure's shifted clock.
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

const NAME_CONSTRAINTS = "2.5.29.30";

/** A positive serial number of 16 bytes, hexadecimal. */
const serial = (): string => `01${randomBytes(15).toString("hex")}`;

function nameConstraints(): Uint8Array {
  const permitted = [
    ...PERMITTED_NAMES.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })),
    new GeneralSubtree({ base: new GeneralName({ iPAddress: "127.0.0.0/8" }) }),
  ];
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted) });
  return new Uint8Array(AsnConvert.serialize(constraints));
}

/** Whether the constraints of a CA permit every name that is served; those of an older version may not. */
function permitsAll(certificate: string): boolean {
  const extension = new X509Certificate(certificate).getExtension(NAME_CONSTRAINTS);
  if (!extension) return false;
  const { permittedSubtrees = [] } = AsnConvert.parse(extension.value, NameConstraints);
  const permitted = new Set([...permittedSubtrees].map(({ base }) => base.dNSName));
  return PERMITTED_NAMES.every((name) => permitted.has(name));
}

/** The CA's certificate, PEM. A renewed CA has the same key and name, so that it stays trusted. */
async function selfSigned(commonName: string, signer: KeySigner): Promise<string> {
  const der = await createCertificate(
    {
      subject: nameOf(commonName),
      serialNumber: serial(),
      ...validity(CA_DAYS),
      publicKey: signer.publicKey,
      basicConstraints: { ca: true, pathLength: 0, critical: true },
      keyUsage: ["keyCertSign", "cRLSign"],
      purposes: [],
      others: [{ oid: NAME_CONSTRAINTS, critical: true, value: nameConstraints() }],
    },
    signer,
  );
  return toPem("CERTIFICATE", der);
}

/**
 * Opens the CA in `directory`, and creates it the first time: `ca.pem` and `ca-key.pem` (mode 0600). The certificate is
 * written last, so a process that is killed in between creates both again. A CA without all names is renewed.
 */
export async function openAuthority(directory: string): Promise<Authority> {
  const file = join(directory, "ca.pem");
  const keyFile = join(directory, "ca-key.pem");
  let certificate = readIfThere(file);
  let key = readIfThere(keyFile);
  if (!certificate || !key) {
    key = exportPrivateKey(await generateKeyPair("EC-P256"));
    const name = `azure-iot-zero-touch local CA ${randomBytes(4).toString("hex")}`;
    certificate = await selfSigned(name, KeySigner.fromPem(key));
    writeWhole(keyFile, key);
    writeWhole(file, certificate, 0o644);
  }
  const [stored, pem] = [certificate, key];
  const remedy = "delete ca.pem and ca-key.pem there; a new CA is then created, to be trusted again";
  const signer = readStored(keyFile, remedy, () => KeySigner.fromPem(pem));
  const isComplete = readStored(file, remedy, () => {
    const found = readCertificate(stored);
    if (!found.spki.equals(signer.publicKey)) throw new TypeError("ca-key.pem has another key");
    return permitsAll(stored);
  });
  if (!isComplete) {
    certificate = await selfSigned(readCertificate(stored).commonName ?? "", signer);
    writeWhole(file, certificate, 0o644);
  }
  const issuer = readCertificate(certificate);
  // One key for all server names of this process: issuing a certificate costs one signature.
  const serverKey = await generateKeyPair("EC-P256");
  const keyPem = exportPrivateKey(serverKey);
  return {
    certificate,
    file,
    async issue(name) {
      const leaf = await serverCertificate(name, serverKey.publicKey, { issuer, signer });
      return { ...leaf, certificate: leaf.certificate + issuer.toPem(), key: keyPem };
    },
  };
}

async function serverCertificate(
  name: string,
  publicKey: Uint8Array,
  { issuer, signer }: { readonly issuer: Certificate; readonly signer: KeySigner },
): Promise<Omit<ServerIdentity, "key">> {
  const dates = validity(SERVER_DAYS);
  const type = /^\d+\.\d+\.\d+\.\d+$/.test(name) ? "ip" : "dns";
  const der = await createCertificate(
    {
      // A common name has at most 64 characters (X.520); the subject alternative name has the whole name. An address is
      // not a common name: OpenSSL would check it against the CA's permitted DNS names.
      subject: nameOf(type === "ip" ? "azure-iot-zero-touch local Azure" : name.slice(0, 64)),
      issuer: issuer.subjectDer,
      serialNumber: serial(),
      ...dates,
      publicKey,
      authorityKeyIdentifier: issuer.extensions.subjectKeyIdentifier,
      basicConstraints: { ca: false, critical: true },
      keyUsage: ["digitalSignature"],
      purposes: [PURPOSE_OIDS.serverAuth],
      alternativeNames: [{ type, value: name }],
    },
    signer,
  );
  return { certificate: toPem("CERTIFICATE", der), notAfter: dates.notAfter.getTime() };
}
