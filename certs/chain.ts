import { type Certificate, unsignedHex } from "./certificate";
import { CertsError } from "./errors";
import { PURPOSE_OIDS } from "./extensions";
import { nameConstraintError } from "./nameConstraints";
import { matchKey, parseName } from "./names";
import { arePoliciesValid } from "./policies";
import { hasExplicitCurve } from "./publicKey";

/** The reason that a path is refused. */
export type PathErrorCode =
  | "expired"
  | "notYetValid"
  | "notCa" // basicConstraints CA is missing on an issuer
  | "keyUsage" // an issuer's keyUsage lacks keyCertSign, or the leaf's lacks digitalSignature
  | "pathLength" // more CA certificates below an issuer than it allows
  | "badSignature"
  | "wrongPurpose" // extended key usage without the asked purpose
  | "nameConstraints" // a name that a CA above does not permit, or excludes
  | "policies" // no valid policy where a CA requires one
  | "explicitCurve" // a key on a curve that is written out and not named
  | "unknownCritical" // a critical extension that is not understood
  | "tooLong" // a path over more certificates, or over more candidates, than are followed
  | "noAnchor"; // nothing presented or trusted issued the last certificate reached

/** The outcome of {@link verifyPath}. */
export type PathResult =
  | {
      readonly ok: true;
      /** From the leaf to the anchor, both included; one certificate when the leaf is an anchor itself. */
      readonly path: readonly Certificate[];
      readonly anchor: Certificate;
    }
  | {
      readonly ok: false;
      readonly code: PathErrorCode;
      /** The certificate that has the error. */
      readonly certificate: Certificate;
      /** One sentence that names the certificate and the error. */
      readonly message: string;
    };

/** How a path is judged. */
export interface PathOptions {
  /** The moment to judge at. */
  readonly at: Date;
  /** What the leaf is to be used for; default `clientAuth`. `any` ignores extended key usage. */
  readonly purpose?: keyof typeof PURPOSE_OIDS;
}

/** The longest path looked for: deeper than any hierarchy of the field, and a bound on work for hostile input. */
export const MAX_PATH_LENGTH = 10;

/** The most issuer checks for one leaf: a bound on work for many certificates of one name. */
const MAX_ATTEMPTS = 64;

type PathError = Extract<PathResult, { ok: false }>;

function pathError(code: PathErrorCode, certificate: Certificate, what: string): PathError {
  return { ok: false, code, certificate, message: `Certificate ${certificate.subject} ${what}` };
}

/** The error of a certificate on its own, whatever its place in the path. */
function ownError(certificate: Certificate, options: PathOptions): PathError | undefined {
  const { extensions, notBefore, notAfter } = certificate;
  const { at, purpose = "clientAuth" } = options;
  if (at > notAfter) return pathError("expired", certificate, `expired at ${notAfter.toISOString()}`);
  if (at < notBefore) return pathError("notYetValid", certificate, `is valid only from ${notBefore.toISOString()}`);
  if (extensions.unknownCritical.length > 0) {
    return pathError(
      "unknownCritical",
      certificate,
      `has the critical extension ${extensions.unknownCritical.join(", ")}, which is not understood`,
    );
  }
  if (hasExplicitCurve(certificate.spki)) {
    return pathError("explicitCurve", certificate, "has a key whose curve is not named (RFC 5480, 2.1.1)");
  }
  // Without the extension every purpose is allowed (RFC 5280, 4.2.1.12). On a CA it limits the leaves below, as OpenSSL
  // and the Web PKI read it.
  const purposes = extensions.extendedKeyUsage;
  if (
    purpose !== "any" &&
    purposes !== undefined &&
    !purposes.includes(PURPOSE_OIDS[purpose]) &&
    !purposes.includes(PURPOSE_OIDS.any)
  ) {
    return pathError("wrongPurpose", certificate, `has an extended key usage without ${purpose}`);
  }
  return undefined;
}

/** The error of the leaf of a TLS connection, beside {@link ownError}. */
function leafError(leaf: Certificate, options: PathOptions): PathError | undefined {
  const own = ownError(leaf, options);
  if (own !== undefined) return own;
  const usage = leaf.extensions.keyUsage;
  // A CA's certificate may prove possession elsewhere, but as a TLS credential it must be allowed to sign.
  if (options.purpose !== "any" && usage !== undefined && !usage.includes("digitalSignature")) {
    return pathError("keyUsage", leaf, "has a key usage without digitalSignature");
  }
  return undefined;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The error of the names below a CA that constrains them. */
function namesError(issuer: Certificate, path: readonly Certificate[]): PathError | undefined {
  const constraints = issuer.extensions.values.nameConstraints;
  if (constraints === undefined) return undefined;
  // Self-issued CA certificates are exempt (RFC 5280, 6.1.3 (b)); the leaf never is.
  for (const below of path.filter((certificate, index) => index === 0 || !certificate.isSelfIssued)) {
    const { subjectDer, extensions } = below;
    try {
      const what = nameConstraintError(constraints, { subjectDer, subjectAltName: extensions.values.subjectAltName });
      if (what !== undefined) return pathError("nameConstraints", below, `${what} by ${issuer.subject}`);
    } catch (error) {
      return pathError("nameConstraints", issuer, `has name constraints that are not understood: ${reasonOf(error)}`);
    }
  }
  return undefined;
}

/** The error of the policies of a whole path; those of the anchor itself do not count (RFC 5280, 6.1). */
function policiesError(path: readonly Certificate[]): PathError | undefined {
  const [leaf] = path;
  const below = path.slice(0, -1);
  // Where no CA requires a policy, policies refuse nothing.
  if (!leaf || below.every(({ extensions }) => extensions.values.policyConstraints === undefined)) return undefined;
  try {
    const ordered = below.reverse().map(({ extensions, isSelfIssued }) => ({ ...extensions.values, isSelfIssued }));
    if (arePoliciesValid(ordered)) return undefined;
    return pathError("policies", leaf, "is under no certificate policy that the CAs above it require");
  } catch (error) {
    return pathError("policies", leaf, `is under certificate policies that are not understood: ${reasonOf(error)}`);
  }
}

/** Why `issuer` may not be above `path`; the signature comes last because it costs most. */
function issuerError(issuer: Certificate, path: readonly Certificate[], options: PathOptions): PathError | undefined {
  const { extensions } = issuer;
  if (!extensions.isCa) return pathError("notCa", issuer, "is no CA (basicConstraints)");
  if (extensions.keyUsage?.includes("keyCertSign") === false) {
    return pathError("keyUsage", issuer, "has a key usage without keyCertSign");
  }
  const own = ownError(issuer, options);
  if (own !== undefined) return own;
  // Self-issued certificates do not count (RFC 5280, 4.2.1.9); the leaf never does.
  const below = path.slice(1).filter((certificate) => !certificate.isSelfIssued).length;
  if (extensions.pathLength !== undefined && below > extensions.pathLength) {
    return pathError(
      "pathLength",
      issuer,
      `allows ${extensions.pathLength} CA certificates below it, here are ${below}`,
    );
  }
  const names = namesError(issuer, path);
  if (names !== undefined) return names;
  const child = path[path.length - 1];
  if (child !== undefined && !isSignedBy(child, issuer)) {
    return pathError("badSignature", child, `has a signature that the key of ${issuer.subject} did not make`);
  }
  return undefined;
}

/** Verdicts on signatures between certificates (see {@link import("./cache").CertificateCache}). */
const verdicts = new WeakMap<Certificate, WeakMap<Certificate, boolean>>();

/** Whether the key of `issuer` made the signature of `child`; false for a key that cannot be read. Cached. */
export function isSignedBy(child: Certificate, issuer: Certificate): boolean {
  let known = verdicts.get(child);
  if (known === undefined) {
    known = new WeakMap();
    verdicts.set(child, known);
  }
  let verdict = known.get(issuer);
  if (verdict === undefined) {
    try {
      verdict = child.isSignedBy(issuer.publicKey);
    } catch {
      // The issuer's key is of a kind, or on a curve, that OpenSSL does not read.
      verdict = false;
    }
    known.set(issuer, verdict);
  }
  return verdict;
}

/**
 * Whether `issuer` names itself as the one who issued `child`: matching names, key identifiers, and issuer and serial number
 * where the child's authority key identifier has them (RFC 5280, 4.2.1.1), as OpenSSL and Windows require.
 */
export function couldIssue(issuer: Certificate, child: Certificate): boolean {
  if (issuer.subjectKey !== child.issuerKey) return false;
  const { authorityKeyIdentifier, authorityIssuer, authoritySerialNumber } = child.extensions;
  const offered = issuer.extensions.subjectKeyIdentifier;
  if (authorityKeyIdentifier !== undefined && offered !== undefined && authorityKeyIdentifier !== offered) return false;
  if (authoritySerialNumber !== undefined && unsignedHex(authoritySerialNumber) !== issuer.serialNumber) return false;
  return authorityIssuer === undefined || matchKey(parseName(authorityIssuer)) === issuer.issuerKey;
}

/**
 * Builds and checks a path from `leaf` over the `presented` certificates (any order, strangers among them allowed) to
 * one of `anchors`, which may be roots, intermediates or the leaf itself. Checked, as RFC 5280, section 6 does without
 * revocation: signatures, validity of every certificate (the anchor's too),
 * basicConstraints, path length, keyCertSign, name constraints, policies, critical extensions, and the purpose. Does not throw for a bad path; of
 * several bad paths the error of the longest is returned.
 */
export function verifyPath(
  leaf: Certificate,
  presented: readonly Certificate[],
  anchors: readonly Certificate[],
  options: PathOptions,
): PathResult {
  const first = leafError(leaf, options);
  if (first !== undefined) return first;
  const own = anchors.find((anchor) => anchor.equals(leaf));
  if (own !== undefined) return { ok: true, path: [leaf], anchor: own };

  let attempts = 0;
  let best: { readonly depth: number; readonly pathError: PathError } | undefined;
  const note = (depth: number, found: PathError): void => {
    if (best === undefined || depth > best.depth) best = { depth, pathError: found };
  };

  const extend = (path: readonly Certificate[]): PathResult | undefined => {
    const tip = path[path.length - 1] ?? leaf;
    let candidates = 0;
    // Anchors first: the shortest way to trust is the usual one.
    for (const [pool, trusted] of [
      [anchors, true],
      [presented, false],
    ] as const) {
      for (const issuer of pool) {
        if (!couldIssue(issuer, tip) || path.some((certificate) => certificate.equals(issuer))) continue;
        // An anchor that is also presented was judged as an anchor already.
        if (!trusted && anchors.some((anchor) => anchor.equals(issuer))) continue;
        if (attempts >= MAX_ATTEMPTS || path.length >= MAX_PATH_LENGTH) {
          candidates += 1;
          const what = `has a path of more than ${MAX_PATH_LENGTH} certificates, or more than ${MAX_ATTEMPTS} possible issuers in it, the limits`;
          note(path.length, pathError("tooLong", leaf, what));
          continue;
        }
        attempts += 1;
        candidates += 1;
        const found = issuerError(issuer, path, options);
        if (found !== undefined) {
          note(path.length, found);
          continue;
        }
        const longer = [...path, issuer];
        if (trusted) {
          const wrong = policiesError(longer);
          if (wrong === undefined) return { ok: true, path: longer, anchor: issuer };
          note(path.length, wrong);
          continue;
        }
        const result = extend(longer);
        if (result !== undefined) return result;
      }
    }
    if (candidates === 0) {
      const what = tip.isSelfIssued
        ? "is its own issuer and is not trusted"
        : `was issued by ${tip.issuer}, which was neither presented nor trusted`;
      note(path.length, pathError("noAnchor", tip, what));
    }
    return undefined;
  };

  const result = extend([leaf]);
  if (result !== undefined) return result;
  return best?.pathError ?? pathError("noAnchor", leaf, "leads to no trusted certificate");
}

/**
 * The full chain as a device presents it: PEM of the leaf, then of each CA up the path. Throws `brokenChain` when a
 * certificate was not signed by the next; a self-signed one may only be last.
 */
export function fullChainPem(chain: readonly Certificate[]): string {
  if (chain.length === 0) throw new TypeError("A chain has at least a leaf");
  for (const [index, child] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined || (couldIssue(issuer, child) && isSignedBy(child, issuer))) continue;
    throw new CertsError("brokenChain", `${child.subject} was not issued by ${issuer.subject}, which follows it`, {
      data: { subject: child.subject, next: issuer.subject },
    });
  }
  return chain.map((certificate) => certificate.toPem()).join("");
}

/**
 * The certificates in the order of a chain, leaf first, as far as each was issued by the next; duplicates are dropped.
 * Throws `brokenChain` when they make more than one chain.
 */
export function arrangeChain(certificates: readonly Certificate[]): Certificate[] {
  const apart = certificates.filter((each, index) => certificates.findIndex((other) => other.equals(each)) === index);
  const above = (child: Certificate): Certificate | undefined =>
    child.isSelfIssued
      ? undefined
      : apart.find((each) => !each.equals(child) && couldIssue(each, child) && isSignedBy(child, each));
  const issuers = new Set(apart.map(above));
  const chain: Certificate[] = [];
  const leaf = apart.find((each) => !issuers.has(each));
  for (let next = leaf; next !== undefined && !chain.includes(next); next = above(next)) chain.push(next);
  const stray = apart.find((each) => !chain.includes(each));
  if (stray === undefined) return chain;
  throw new CertsError(
    "brokenChain",
    `${stray.subject} does not belong to the chain of ${leaf?.subject ?? "any leaf"}`,
    {
      data: { subject: stray.subject },
    },
  );
}
