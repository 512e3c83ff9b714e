import { decodeOid, decodeSmallInteger, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";

const ANY_POLICY = "2.5.29.32.0";

/** What the policies of a path are computed from; DER of the extensions' values. */
export interface PolicyExtensions {
  readonly certificatePolicies?: Buffer;
  readonly policyMappings?: Buffer;
  readonly policyConstraints?: Buffer;
  readonly inhibitAnyPolicy?: Buffer;
  readonly isSelfIssued: boolean;
}

/** The policies that are valid so far, each with those that the next certificate may name for it. */
type ValidPolicies = ReadonlyMap<string, ReadonlySet<string>>;

const oidsIn = (sequence: Buffer): string[] =>
  readChildren(sequence).map((each) => decodeOid(expectTag(each, TAG.oid).content));

/** The policies' OIDs (RFC 5280, 4.2.1.4). Throws `malformed`, also for one that is named twice. */
function readPolicies(value: Buffer): string[] {
  const policies = readChildren(readWhole(value, TAG.sequence).content).map((information) => {
    const [oid] = readChildren(expectTag(information, TAG.sequence).content);
    return decodeOid(expectTag(oid, TAG.oid).content);
  });
  if (new Set(policies).size !== policies.length) throw new CertsError("malformed", "a policy is named twice");
  return policies;
}

/** Subject domain policies by issuer domain policy (RFC 5280, 4.2.1.5). */
function readMappings(value: Buffer): Map<string, Set<string>> {
  const mappings = new Map<string, Set<string>>();
  for (const mapping of readChildren(readWhole(value, TAG.sequence).content)) {
    const [from = "", to = ""] = oidsIn(expectTag(mapping, TAG.sequence).content);
    if (from === ANY_POLICY || to === ANY_POLICY) throw new CertsError("malformed", "a mapping of any policy");
    mappings.set(from, (mappings.get(from) ?? new Set<string>()).add(to));
  }
  return mappings;
}

/** requireExplicitPolicy and inhibitPolicyMapping (RFC 5280, 4.2.1.11). */
function readConstraints(value: Buffer): { readonly explicit?: number; readonly mapping?: number } {
  const children = readChildren(readWhole(value, TAG.sequence).content);
  if (children.length === 0) throw new CertsError("malformed", "policy constraints without any");
  const numberOf = (tag: number): number | undefined => {
    const child = children.find((each) => each.tag === tag);
    return child && decodeSmallInteger(child.content);
  };
  return { explicit: numberOf(0x80), mapping: numberOf(0x81) };
}

/** The policies after a certificate that names some (RFC 5280, 6.1.3 (d)). */
function narrowed(valid: ValidPolicies, named: readonly string[], isAnyInhibited: boolean): ValidPolicies {
  const next = new Map<string, ReadonlySet<string>>();
  const expected = new Set([...valid.values()].flatMap((policies) => [...policies]));
  for (const policy of named) {
    const isExpected = expected.has(policy) || valid.has(ANY_POLICY);
    if (policy !== ANY_POLICY && isExpected) next.set(policy, new Set([policy]));
  }
  if (named.includes(ANY_POLICY) && !isAnyInhibited) {
    for (const policy of expected) if (!next.has(policy)) next.set(policy, new Set([policy]));
  }
  return next;
}

/** The policies after a CA's mappings (RFC 5280, 6.1.4 (b)). `isInhibited`: mapped policies end here. */
function mapped(valid: ValidPolicies, mappings: ReadonlyMap<string, Set<string>>, isInhibited: boolean): ValidPolicies {
  const next = new Map(valid);
  for (const [from, to] of mappings) {
    if (isInhibited) next.delete(from);
    else if (valid.has(from) || valid.has(ANY_POLICY)) next.set(from, to);
  }
  return next;
}

/**
 * Processes the policies of a path from below the anchor to the leaf (RFC 5280, 6.1, any policy acceptable to the caller).
 * Returns whether a policy is valid wherever a CA requires one. Throws `malformed`.
 */
export function arePoliciesValid(path: readonly PolicyExtensions[]): boolean {
  let [explicit, inhibitAny, inhibitMapping] = [path.length + 1, path.length + 1, path.length + 1];
  let valid: ValidPolicies = new Map([[ANY_POLICY, new Set([ANY_POLICY])]]);
  for (const [index, certificate] of path.entries()) {
    const isLeaf = index === path.length - 1;
    const { certificatePolicies: policies, policyMappings: mappings, isSelfIssued } = certificate;
    const isAnyInhibited = inhibitAny === 0 && (isLeaf || !isSelfIssued);
    valid = policies ? narrowed(valid, readPolicies(policies), isAnyInhibited) : new Map();
    if (explicit === 0 && valid.size === 0) return false;
    if (!isLeaf && mappings) valid = mapped(valid, readMappings(mappings), inhibitMapping === 0);
    const constraints = certificate.policyConstraints ? readConstraints(certificate.policyConstraints) : {};
    if (isLeaf) {
      explicit = Math.max(explicit - 1, 0);
      if (constraints.explicit === 0) explicit = 0;
      continue;
    }
    if (!isSelfIssued) {
      explicit = Math.max(explicit - 1, 0);
      inhibitAny = Math.max(inhibitAny - 1, 0);
      inhibitMapping = Math.max(inhibitMapping - 1, 0);
    }
    explicit = Math.min(explicit, constraints.explicit ?? explicit);
    inhibitMapping = Math.min(inhibitMapping, constraints.mapping ?? inhibitMapping);
    const { inhibitAnyPolicy } = certificate;
    if (inhibitAnyPolicy) {
      inhibitAny = Math.min(inhibitAny, decodeSmallInteger(readWhole(inhibitAnyPolicy, TAG.integer).content));
    }
  }
  return explicit > 0 || valid.size > 0;
}
