import { createHash, type webcrypto } from "node:crypto";
import type { Extension } from "@peculiar/x509";
import { Certificate } from "./certificate";
import { readChildren, readWhole, TAG } from "./der";
import { KEY_USAGES, type KeyUsage, PURPOSE_OIDS } from "./extensions";
import { encodeName } from "./names";
import type { Profile } from "./profiles";
import type { Signer } from "./signer";
import type { Validity } from "./validity";

type X509 = typeof import("@peculiar/x509");

/** A certificate as it is to be: everything decided, nothing signed. */
export interface Blueprint {
  readonly profile: Profile;
  /** Path length of basicConstraints; undefined: none. */
  readonly pathLength: number | undefined;
  readonly commonName: string;
  /** DER Name of the issuer as its certificate has it; undefined: self-signed, the subject itself. */
  readonly issuerDer: Buffer | undefined;
  /** Hex of the issuer's subject key identifier; undefined: taken from the signer's key. */
  readonly issuerKeyIdentifier: string | undefined;
  /** Hex, positive. */
  readonly serialNumber: string;
  readonly validity: Validity;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

let loaded: X509 | undefined;

/** Loads @peculiar/x509 on first use: it takes some 80 ms, and who only verifies never needs it. */
async function x509(): Promise<X509> {
  if (loaded === undefined) {
    // Its dependency injection wants the metadata reflection installed first.
    await import("reflect-metadata");
    loaded = await import("@peculiar/x509");
  }
  return loaded;
}

/** SHA-1 over the bits of the public key, in hex (RFC 5280, 4.2.1.2, method 1). An identifier, no protection. */
export function keyIdentifier(spki: Uint8Array): string {
  const [, bits] = readChildren(readWhole(Buffer.from(spki), TAG.sequence).content);
  return createHash("sha1")
    .update(bits?.content.subarray(1) ?? Buffer.alloc(0))
    .digest("hex");
}

/** KeyUsage as the flags of @peculiar/x509, which count bits in the order of RFC 5280. */
function usageFlags(usages: readonly KeyUsage[]): number {
  return usages.reduce((flags, usage) => flags | (1 << KEY_USAGES.indexOf(usage)), 0);
}

/**
 * The one place where the library asks for a signature, turned into a call of {@link Signer.sign}. So the bytes to be
 * signed may go to a Key Vault, and the private key need not be a CryptoKey or be in this process at all.
 */
function signingProvider(signer: Signer): webcrypto.Crypto {
  const subtle = {
    sign: async (_algorithm: unknown, _key: unknown, tbs: ArrayBuffer): Promise<ArrayBuffer> => {
      const signature = await signer.sign(new Uint8Array(tbs));
      if (signature.length !== signer.algorithm.signatureLength) {
        throw new TypeError(
          `The signer gave ${signature.length} octets where ${signer.algorithm.name} has ${signer.algorithm.signatureLength}; ECDSA is r||s, not DER`,
        );
      }
      return new Uint8Array(signature).buffer;
    },
  };
  return { subtle } as unknown as webcrypto.Crypto;
}

/** Encodes the blueprint, has it signed and reads the result back. */
export async function build(blueprint: Blueprint, signer: Signer): Promise<Certificate> {
  const lib = await x509();
  const { profile, validity } = blueprint;
  const rsa = readChildren(readWhole(Buffer.from(blueprint.publicKey), TAG.sequence).content)[0]?.content.includes(
    RSA_OID,
  );
  const usages = rsa === true ? [...profile.keyUsage, ...profile.rsaKeyUsage] : profile.keyUsage;
  const extensions: Extension[] = [
    new lib.BasicConstraintsExtension(profile.isCa, blueprint.pathLength, true),
    new lib.KeyUsagesExtension(usageFlags(usages), true),
    ...(profile.purposes.length === 0
      ? []
      : [new lib.ExtendedKeyUsageExtension(profile.purposes.map((purpose) => PURPOSE_OIDS[purpose]))]),
    new lib.SubjectKeyIdentifierExtension(keyIdentifier(blueprint.publicKey)),
    new lib.AuthorityKeyIdentifierExtension(blueprint.issuerKeyIdentifier ?? keyIdentifier(signer.publicKey)),
  ];
  const alternatives = [
    ...blueprint.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...blueprint.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  if (alternatives.length > 0) extensions.push(new lib.SubjectAlternativeNameExtension(alternatives));
  const subject = new lib.Name(new Uint8Array(encodeName(blueprint.commonName)));
  const issued = await lib.X509CertificateGenerator.create(
    {
      serialNumber: blueprint.serialNumber,
      subject,
      issuer: blueprint.issuerDer === undefined ? subject : new lib.Name(new Uint8Array(blueprint.issuerDer)),
      notBefore: validity.notBefore,
      notAfter: validity.notAfter,
      publicKey: new lib.PublicKey(new Uint8Array(blueprint.publicKey)),
      signingAlgorithm: signer.algorithm.webCrypto,
      // Stands for the key: only its algorithm is looked at, the signature comes from the provider.
      signingKey: { type: "private", algorithm: signer.algorithm.webCrypto, extractable: false, usages: ["sign"] },
      extensions,
    },
    signingProvider(signer),
  );
  return new Certificate(new Uint8Array(issued.rawData));
}

/** DER of the object identifier rsaEncryption (RFC 8017, A.1). */
const RSA_OID = Buffer.from("06092a864886f70d010101", "hex");
