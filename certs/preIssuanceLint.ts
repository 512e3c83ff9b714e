import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { KeyAlgorithm } from "./algorithms";
import { Certificate } from "./certificate";
import { encodeElement, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";
import { lintCertificate } from "./lint";
import type { ProfileName } from "./profiles";
import { attachSignature } from "./signature";

/** A throw-away key for pre-issuance linting. */
interface ThrowAwayKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly algorithm: KeyAlgorithm;
}

const throwAwayKeys = new Map<string, ThrowAwayKey>();

/**
 * A throw-away key whose signatures have the same OID as the real key's, made once in a process. RSA keys of any size
 * sign alike: one of 1,024 bits takes a tenth of the time, and nothing that it signs leaves the process.
 */
function throwAwayKey(real: KeyAlgorithm): ThrowAwayKey {
  const known = throwAwayKeys.get(real.signatureOid);
  if (known !== undefined) return known;
  const publicKeyEncoding = { type: "spki", format: "der" } as const;
  const privateKeyEncoding = { type: "pkcs8", format: "der" } as const;
  const { publicKey, privateKey } =
    real.family === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 1024, publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync("ec", { namedCurve: real.namedCurve, publicKeyEncoding, privateKeyEncoding });
  const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
  const algorithm: KeyAlgorithm = real.family === "rsa" ? { ...real, signatureLength: 128 } : real;
  const made = { key, publicKey, algorithm };
  throwAwayKeys.set(real.signatureOid, made);
  return made;
}

function signWith({ key, algorithm }: ThrowAwayKey, tbs: Buffer): Certificate {
  return new Certificate(
    attachSignature(tbs, sign(algorithm.hash, tbs, { key, dsaEncoding: "ieee-p1363" }), algorithm),
  );
}

/** The issuer's certificate with the throw-away key in place of its own, and all else as it is. */
function sameKeyCertificate(issuer: Certificate, throwAway: ThrowAwayKey): Certificate {
  const [tbs] = readChildren(readWhole(issuer.raw, TAG.sequence).content);
  const parts = readChildren(tbs?.content ?? Buffer.alloc(0)).map(({ raw }) =>
    raw.equals(issuer.spki) ? throwAway.publicKey : raw,
  );
  // No check looks at this certificate's own signature.
  return signWith(throwAway, encodeElement(TAG.sequence, ...parts));
}

/** What a certificate about to be signed is linted against. */
export interface PreIssuance {
  readonly profile: ProfileName;
  /** The algorithm of the key that is to sign. */
  readonly algorithm: KeyAlgorithm;
  /** Undefined for a certificate that signs itself. */
  readonly issuer: Certificate | undefined;
  /** The moment of issuing. */
  readonly at: Date;
}

/**
 * Signs a TBSCertificate with a throw-away key and lints the outcome, before the real key signs the same bytes: what a CA
 * has signed cannot be unsigned. Let's Encrypt's boulder does the same. Throws `refusedByLint` with every error found;
 * warnings pass.
 */
export function lintBeforeSigning(tbs: Buffer, { profile, algorithm, issuer, at }: PreIssuance): void {
  const throwAway = throwAwayKey(algorithm);
  const certificate = signWith(throwAway, tbs);
  const context = issuer === undefined ? { at } : { at, issuer: sameKeyCertificate(issuer, throwAway) };
  const errors = lintCertificate(certificate, profile, context).filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const lines = errors.map(({ field, value, rule, remedy }) => `${field} is '${value}': ${rule}; ${remedy}`);
  throw new CertsError("refusedByLint", `${certificate.subject} is not issued:\n  ${lines.join("\n  ")}`, {
    data: { subject: certificate.subject, codes: errors.map(({ code }) => code).join(" ") },
  });
}
