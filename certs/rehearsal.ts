import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { type Blueprint, encodeSigned, encodeTbs } from "./build";
import { Certificate } from "./certificate";
import { encodeElement, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";
import { lintCertificate } from "./lint";
import type { Signer } from "./signer";

/** A key that nobody trusts, in the forms that a rehearsal needs. */
interface ThrowAway {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly algorithm: KeyAlgorithm;
}

const kept = new Map<string, ThrowAway>();

/**
 * A throw-away key whose signatures have the same OID as the real key's, made once in a process. RSA keys of any size
 * sign alike, so the smallest does.
 */
function throwAwayKey(real: KeyAlgorithm): ThrowAway {
  const known = kept.get(real.signatureOid);
  if (known !== undefined) return known;
  const publicKeyEncoding = { type: "spki", format: "der" } as const;
  const privateKeyEncoding = { type: "pkcs8", format: "der" } as const;
  const { publicKey, privateKey } =
    real.family === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync("ec", { namedCurve: real.namedCurve, publicKeyEncoding, privateKeyEncoding });
  const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
  const algorithm: KeyAlgorithm = real.family === "rsa" ? { ...real, modulusLength: 2048, signatureLength: 256 } : real;
  const made = { key, publicKey, algorithm };
  kept.set(real.signatureOid, made);
  return made;
}

function signWith({ key, algorithm }: ThrowAway, tbs: Buffer): Certificate {
  const signature = sign(algorithm.hash, tbs, { key, dsaEncoding: "ieee-p1363" });
  return new Certificate(encodeSigned(tbs, signature, algorithm));
}

/** The issuer's certificate with the throw-away key in place of its own, and all else as it is. */
function twin(issuer: Certificate, stand: ThrowAway): Certificate {
  const [tbs] = readChildren(readWhole(issuer.raw, TAG.sequence).content);
  const parts = readChildren(tbs?.content ?? Buffer.alloc(0)).map(({ raw }) =>
    raw.equals(issuer.spki) ? stand.publicKey : raw,
  );
  // The signature on the twin itself is looked at by nobody.
  return signWith(stand, encodeElement(TAG.sequence, ...parts));
}

/**
 * Signs what is to be issued with a throw-away key and lints the outcome, before the real key signs the very same bytes:
 * what a CA has signed cannot be unsigned. The way of Let's Encrypt's boulder. `at` is the moment of issuing. Throws
 * `refusedByLint` with every error found; warnings pass.
 */
export function rehearse(
  blueprint: Blueprint,
  signer: Pick<Signer, "publicKey" | "algorithm">,
  issuer: Certificate | undefined,
  at: Date,
): void {
  const stand = throwAwayKey(signer.algorithm);
  const certificate = signWith(stand, encodeTbs(blueprint, signer));
  const where = issuer === undefined ? { at } : { at, issuer: twin(issuer, stand) };
  const errors = lintCertificate(certificate, blueprint.profile.name, where).filter(
    ({ severity }) => severity === "error",
  );
  if (errors.length === 0) return;
  const faults = errors.map(({ field, value, rule, remedy }) => `${field} is '${value}': ${rule}; ${remedy}`);
  throw new CertsError("refusedByLint", `${certificate.subject} is not issued:\n  ${faults.join("\n  ")}`, {
    data: { subject: certificate.subject, codes: errors.map(({ code }) => code).join(" ") },
  });
}
