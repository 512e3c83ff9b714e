import { createHash } from "node:crypto";
import { type KeyAlgorithmName, keyAlgorithm } from "../algorithms";
import { type Blueprint, encodeSigned, encodeTbs } from "../build";
import { Certificate } from "../certificate";
import { CertsError } from "../errors";
import { PROFILES } from "../profiles";
import { rehearse } from "../rehearsal";
import { randomSerials, serialHex } from "../serial";
import type { Signer } from "../signer";
import type { Validity } from "../validity";
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

/** A leaf but for its signature. */
export interface Unsigned {
  readonly registrationId: string;
  readonly serialNumber: string;
  /** The bytes to be signed. */
  readonly tbs: Buffer;
  readonly key: LeafKey;
}

/** What makes device leaves of one issuer on this thread, one after another, with nothing read twice. */
export class LeafPress {
  readonly #issuer: Certificate;
  readonly #signing: Pick<Signer, "publicKey" | "algorithm">;
  readonly #algorithm: ReturnType<typeof keyAlgorithm>;

  #rehearsed = false;

  /** The issuer and its key have been checked by {@link import("../issue").checkIssuer}. */
  constructor(issuer: Certificate, signing: Pick<Signer, "publicKey" | "algorithm">, leafAlgorithm: KeyAlgorithmName) {
    this.#issuer = issuer;
    this.#signing = signing;
    this.#algorithm = keyAlgorithm(leafAlgorithm);
  }

  /** All of a leaf that can be made without the issuer's key. The registration ID has been checked, and the validity lies within the issuer's. Throws `refusedByLint`. */
  lay(registrationId: string, validity: Validity): Unsigned {
    const key = newLeafKey(this.#algorithm);
    const blueprint: Blueprint = {
      profile: PROFILES.device,
      pathLength: undefined,
      commonName: registrationId,
      issuerDer: this.#issuer.subjectDer,
      issuerKeyIdentifier: this.#issuer.extensions.subjectKeyIdentifier,
      serialNumber: serialHex(randomSerials.next()),
      validity,
      publicKey: key.publicKey,
      dnsNames: [],
      ipAddresses: [],
    };
    if (!this.#rehearsed) {
      // All leaves of a run differ in name, serial and key only, which are checked where they come from.
      rehearse(blueprint, this.#signing, this.#issuer, validity.notBefore);
      this.#rehearsed = true;
    }
    const serialNumber = blueprint.serialNumber.toUpperCase();
    return { registrationId, serialNumber, tbs: encodeTbs(blueprint, this.#signing), key };
  }

  /** The leaf with its signature, in the form that a {@link Signer} gives. */
  seal({ tbs, ...rest }: Unsigned, signature: Uint8Array): Leaf {
    const certificate = encodeSigned(tbs, signature, this.#signing.algorithm);
    return {
      ...rest,
      certificate,
      sha1Thumbprint: createHash("sha1").update(certificate).digest("hex").toUpperCase(),
      sha256Thumbprint: createHash("sha256").update(certificate).digest("hex").toUpperCase(),
    };
  }

  /** Has OpenSSL read a leaf and check the issuer's signature on it. Throws `malformed` for what should never be. */
  proof(leaf: Leaf): void {
    const read = new Certificate(leaf.certificate);
    if (read.commonName === leaf.registrationId && read.isSignedBy(this.#issuer.publicKey)) return;
    throw new CertsError("malformed", `The certificate made for ${leaf.registrationId} does not verify`);
  }
}
