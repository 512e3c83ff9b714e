import { createHash } from "node:crypto";
import { type KeyAlgorithmName, keyAlgorithm } from "../algorithms";
import { Certificate } from "../certificate";
import { readChildren, readWhole, TAG } from "../der";
import { CertsError } from "../errors";
import { fieldsOf } from "../issue";
import { textOf } from "../names";
import { lintBeforeSigning } from "../preIssuanceLint";
import { PROFILES } from "../profiles";
import { keyIdentifier } from "../publicKey";
import { randomSerials } from "../serial";
import { attachSignature } from "../signature";
import type { Signer } from "../signer";
import type { Validity } from "../validity";
import { createCertificate } from "../x509";
import { type LeafKey, newLeafKey } from "./leafKey";

/** A device's certificate and key, just made. */
export interface Leaf {
  readonly registrationId: string;
  /** Upper-case hex, as {@link Certificate.serialNumber}. */
  readonly serialNumber: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly sha1Thumbprint: string;
  readonly sha256Thumbprint: string;
  readonly key: LeafKey;
}

/** A leaf before it is signed. */
export interface UnsignedLeaf {
  readonly registrationId: string;
  readonly serialNumber: string;
  /** The bytes to be signed. */
  readonly tbs: Buffer;
  readonly key: LeafKey;
}

/** The first TBSCertificate of a shape, and where its fields are that each leaf has of its own. */
interface Template {
  readonly tbs: Buffer;
  /** Offsets of the bytes to be replaced. */
  readonly serialNumber: number;
  readonly commonName: number;
  readonly publicKey: number;
  readonly keyIdentifier: number;
}

/**
 * Issues device leaves of one CA on this thread. The first leaf of a shape (validity, length and string type of the common
 * name) is made by {@link createCertificate} and linted; the others are the same bytes with serial number, common name,
 * public key and subject key identifier replaced.
 */
export class LeafIssuer {
  readonly #issuer: Certificate;
  readonly #signing: Pick<Signer, "publicKey" | "algorithm">;
  readonly #algorithm: ReturnType<typeof keyAlgorithm>;
  /** Of one validity, by the shape of the common name. */
  readonly #templates = new Map<string, Promise<Template>>();
  #validity = "";

  /** The issuer and its key have been checked by {@link import("../issue").checkIssuer}. */
  constructor(issuer: Certificate, signing: Pick<Signer, "publicKey" | "algorithm">, leafAlgorithm: KeyAlgorithmName) {
    this.#issuer = issuer;
    this.#signing = signing;
    this.#algorithm = keyAlgorithm(leafAlgorithm);
  }

  /**
   * A new key and all of its leaf but the signature. The registration ID has been checked, and the validity lies within the
   * issuer's. Throws `refusedByLint`.
   */
  async buildTbs(registrationId: string, validity: Validity): Promise<UnsignedLeaf> {
    const key = newLeafKey(this.#algorithm);
    const serial = randomSerials.next();
    const template = await this.#templateOf(registrationId, validity);
    const tbs = Buffer.from(template.tbs);
    tbs.set(serial, template.serialNumber);
    tbs.write(registrationId, template.commonName, "latin1");
    tbs.set(key.publicKey, template.publicKey);
    tbs.write(keyIdentifier(key.publicKey), template.keyIdentifier, "hex");
    return { registrationId, serialNumber: Buffer.from(serial).toString("hex").toUpperCase(), tbs, key };
  }

  #templateOf(registrationId: string, validity: Validity): Promise<Template> {
    const times = `${validity.notBefore.getTime()} ${validity.notAfter.getTime()}`;
    if (times !== this.#validity) this.#templates.clear();
    this.#validity = times;
    const shape = `${registrationId.length} ${Object.keys(textOf(registrationId))}`;
    let template = this.#templates.get(shape);
    if (template === undefined) {
      template = this.#makeTemplate(registrationId, validity);
      this.#templates.set(shape, template);
    }
    return template;
  }

  async #makeTemplate(commonName: string, validity: Validity): Promise<Template> {
    const { publicKey, algorithm } = this.#signing;
    const issuer = this.#issuer;
    const serialNumber = Buffer.from(randomSerials.next()).toString("hex");
    const leafKey = newLeafKey(this.#algorithm).publicKey;
    const given = { commonName, issuer, serialNumber, validity, publicKey: leafKey };
    let tbs: Buffer = Buffer.alloc(0);
    await createCertificate(fieldsOf(PROFILES.device, given, publicKey), {
      publicKey,
      algorithm,
      async sign(bytes) {
        // All leaves of a shape differ in name, serial number and key only, which are checked where they come from.
        lintBeforeSigning(bytes, { profile: "device", algorithm, issuer, at: validity.notBefore });
        tbs = bytes;
        // This certificate is not issued: the issuer's key need not sign it.
        return Buffer.alloc(algorithm.signatureLength, 1);
      },
    });
    const [, serial, , , , subject, spki] = readChildren(readWhole(tbs, TAG.sequence).content);
    if (serial === undefined || subject === undefined || spki === undefined) {
      throw new CertsError("malformed", "A certificate was made without its fields");
    }
    const offsetOf = (part: Buffer): number => part.byteOffset - tbs.byteOffset;
    return {
      tbs,
      serialNumber: offsetOf(serial.content),
      commonName: offsetOf(subject.raw) + subject.raw.length - commonName.length,
      publicKey: offsetOf(spki.raw),
      keyIdentifier: tbs.lastIndexOf(keyIdentifier(leafKey), undefined, "hex"),
    };
  }

  /** The leaf with its signature, in the form that a {@link Signer} returns. */
  attachSignature({ tbs, ...rest }: UnsignedLeaf, signature: Uint8Array): Leaf {
    const certificate = attachSignature(tbs, signature, this.#signing.algorithm);
    return {
      ...rest,
      certificate,
      sha1Thumbprint: createHash("sha1").update(certificate).digest("hex").toUpperCase(),
      sha256Thumbprint: createHash("sha256").update(certificate).digest("hex").toUpperCase(),
    };
  }

  /** Has OpenSSL read a leaf and check the issuer's signature on it. Throws `malformed`: this machine signs wrong. */
  selfCheck(leaf: Leaf): void {
    const read = new Certificate(leaf.certificate);
    if (read.commonName === leaf.registrationId && read.isSignedBy(this.#issuer.publicKey)) return;
    throw new CertsError("malformed", `The certificate made for ${leaf.registrationId} does not verify`);
  }
}
