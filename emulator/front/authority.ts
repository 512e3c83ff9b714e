import "reflect-metadata";
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { join } from "node:path";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { DPS_SUFFIX, HUB_SUFFIX, VAULT_SUFFIX } from "../../azure/hosts";
import { readIfThere, writeWhole } from "../kernel/stateFile";

const DAY = 86_400_000;
/** The local CA lives ten years: people put it into trust stores, and a new one would break them. */
const CA_DAYS = 3650;
/** Longest life that TLS clients take from a server certificate (CA/Browser Forum, SC-22: 398 days). */
const SERVER_DAYS = 397;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * What the local CA may speak for (RFC 5280, 4.2.1.10). Whoever trusts it trusts it for these names and no others, so
 * that a stolen key of a laptop's CA opens nothing else.
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

/** The local certificate authority: issues a server certificate for exactly the name that is asked for. */
export interface Authority {
  /** The CA's certificate, PEM. */
  readonly certificate: string;
  /** Absolute path of that PEM when it is kept in a file. */
  readonly file: string;
  /** `name` is a DNS name in lower case, or an IPv4 address. */
  issue(name: string): Promise<ServerIdentity>;
}

// TLS clients judge by the machine's clock, so certificates follow that one, never the local Azure's shifted clock.
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - DAY),
  notAfter: new Date(Date.now() + days * DAY),
});

/** A positive serial number of 16 octets, hexadecimal. */
const serial = (): string => `01${randomBytes(15).toString("hex")}`;

function nameConstraints(): x509.Extension {
  const permitted = [
    ...PERMITTED_NAMES.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })),
    new GeneralSubtree({ base: new GeneralName({ iPAddress: "127.0.0.0/8" }) }),
  ];
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted) });
  return new x509.Extension("2.5.29.30", true, AsnConvert.serialize(constraints));
}

/** Whether a CA may speak for every name that is served today; one made by an older version may not. */
function permitsAll(certificate: x509.X509Certificate): boolean {
  const extension = certificate.getExtension("2.5.29.30");
  if (!extension) return false;
  const { permittedSubtrees = [] } = AsnConvert.parse(extension.value, NameConstraints);
  const permitted = new Set([...permittedSubtrees].map(({ base }) => base.dNSName));
  return PERMITTED_NAMES.every((name) => permitted.has(name));
}

async function makeCa(): Promise<{ certificate: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const name = `CN=azure-iot-zero-touch local CA ${randomBytes(4).toString("hex")}`;
  return { certificate: await selfSigned(name, keys), key: await privatePem(keys.privateKey) };
}

/**
 * The certificate of a kept CA anew, with today's names: by the same key and name, so that whoever trusts the former one
 * goes on with the names that it permits.
 */
async function renewed(former: x509.X509Certificate, key: string): Promise<string> {
  const publicKey = await former.publicKey.export(ALGORITHM, ["verify"]);
  return selfSigned(former.subject, { privateKey: await importKey(key), publicKey });
}

async function selfSigned(name: string, keys: webcrypto.CryptoKeyPair): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    ...validity(CA_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      nameConstraints(),
    ],
  });
  return certificate.toString("pem");
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

/**
 * Loads the CA below `directory`, or makes it there the first time: `ca.pem` and `ca-key.pem` (0600). The certificate
 * is written last, so a process killed in between makes both anew. One that lacks a name of today's is renewed.
 */
export async function openAuthority(directory: string): Promise<Authority> {
  const file = join(directory, "ca.pem");
  const keyFile = join(directory, "ca-key.pem");
  let certificate = readIfThere(file);
  let key = readIfThere(keyFile);
  if (!certificate || !key) {
    ({ certificate, key } = await makeCa());
    writeWhole(keyFile, key);
    writeWhole(file, certificate, 0o644);
  } else if (!permitsAll(new x509.X509Certificate(certificate))) {
    certificate = await renewed(new x509.X509Certificate(certificate), key);
    writeWhole(file, certificate, 0o644);
  }
  const issuer = new x509.X509Certificate(certificate);
  const signingKey = await importKey(key);
  // One key for all of this process's server names: issuing a name then costs one signature.
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const keyPem = await privatePem(keys.privateKey);
  const chainTail = certificate;
  return { certificate, file, issue };

  async function issue(name: string): Promise<ServerIdentity> {
    const dates = validity(SERVER_DAYS);
    const type = /^\d+\.\d+\.\d+\.\d+$/.test(name) ? "ip" : "dns";
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      issuer: issuer.subject,
      // A common name ends at 64 characters (X.520); the subject alternative name carries the whole. An address is no
      // common name: OpenSSL would hold it against the CA's permitted DNS names.
      subject: `CN=${type === "ip" ? "azure-iot-zero-touch local Azure" : name.slice(0, 64)}`,
      ...dates,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type, value: name }]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return {
      certificate: `${leaf.toString("pem")}\n${chainTail}`,
      key: keyPem,
      notAfter: dates.notAfter.getTime(),
    };
  }
}
