import { createHash } from "node:crypto";
import { Certificate } from "../../../certs/certificate";
import { DAY_MS } from "../../../certs/clock";
import { encodeElement, TAG } from "../../../certs/der";
import { EXTENSION_OIDS } from "../../../certs/extensions";
import {
  boolean,
  context,
  directoryName,
  type ForgedExtension,
  type ForgedHash,
  type ForgedKey,
  forgeCertificate,
  integer,
  newForgedKey,
  octets,
  oid,
  sequence,
} from "./forgedCertificate";
import type { SeededRandom } from "./seededRandom";

/** A leaf with what was presented beside it and what is trusted. */
export interface ChainScenario {
  readonly leaf: Certificate;
  readonly presented: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly at: Date;
  /** What is particular about it. */
  readonly features: readonly string[];
}

/** A certificate of a scenario before it is signed; features change it. */
interface Draft {
  readonly isCa: boolean;
  name: string[];
  /** The issuer's name where it is not that of the certificate above. */
  issuerName?: Buffer;
  stringTag?: number;
  key: ForgedKey;
  /** The key that signs where it is not that of the certificate above. */
  signer?: ForgedKey;
  hash: ForgedHash;
  notBefore: Date;
  notAfter: Date;
  version: 1 | 3;
  isBroken?: boolean;
  basicConstraints: ForgedExtension | undefined;
  keyUsage: ForgedExtension | undefined;
  subjectKeyIdentifier: ForgedExtension | undefined;
  authority: "keyId" | "absent" | "wrongKeyId" | "issuerAndSerial" | "wrongIssuerAndSerial";
  extensions: ForgedExtension[];
}

const AT = new Date("2026-03-01T12:00:00.000Z");
const USAGE = {
  digitalSignature: 0x80,
  nonRepudiation: 0x40,
  keyEncipherment: 0x20,
  keyAgreement: 0x08,
  keyCertSign: 0x04,
  cRLSign: 0x02,
} as const;

const keyUsage = (...usages: readonly (keyof typeof USAGE)[]): ForgedExtension => ({
  oid: EXTENSION_OIDS.keyUsage,
  critical: true,
  value: encodeElement(TAG.bitString, Buffer.from([0, usages.reduce((bits, usage) => bits | USAGE[usage], 0)])),
});
const basicConstraints = (isCa: boolean, pathLength?: number, critical = true): ForgedExtension => ({
  oid: EXTENSION_OIDS.basicConstraints,
  critical,
  value: sequence(...(isCa ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
});
const purposes = (...oids: readonly string[]): ForgedExtension => ({
  oid: EXTENSION_OIDS.extendedKeyUsage,
  value: sequence(...oids.map(oid)),
});
const keyIdOf = ({ spki }: ForgedKey): Buffer => createHash("sha1").update(spki).digest();

/** Keys are few and made once: making them takes longer than all else. */
const POOL: readonly ForgedKey[] = (
  ["rsa", "rsa", "P-256", "P-256", "P-256", "P-256", "P-384", "P-384", "P-521", "ed25519"] as const
).map(newForgedKey);
const EXPLICIT = newForgedKey("explicit");

const draft = (isCa: boolean, name: string[], key: ForgedKey): Draft => ({
  isCa,
  name,
  key,
  hash: "sha256",
  notBefore: new Date(AT.getTime() - 100 * DAY_MS),
  notAfter: new Date(AT.getTime() + 100 * DAY_MS),
  version: 3,
  basicConstraints: basicConstraints(isCa),
  keyUsage: isCa ? keyUsage("keyCertSign", "cRLSign") : keyUsage("digitalSignature"),
  subjectKeyIdentifier: { oid: EXTENSION_OIDS.subjectKeyIdentifier, value: octets(keyIdOf(key)) },
  authority: "keyId",
  extensions: isCa ? [] : [purposes("1.3.6.1.5.5.7.3.2")],
});

const nameOf = ({ name, stringTag }: Draft): Buffer => directoryName(name, stringTag);

let serial = 1000;

function authorityExtension({ authority }: Draft, issuer: Draft, issuerOfIssuer: Draft): ForgedExtension[] {
  const keyId = context(0x80, authority === "wrongKeyId" ? Buffer.alloc(20, 7) : keyIdOf(issuer.key));
  const place = [
    context(0xa1, context(0xa4, nameOf(issuerOfIssuer))),
    integer(authority === "issuerAndSerial" ? serialOf(issuer) : 77, 0x82),
  ];
  if (authority === "absent") return [];
  const value = authority.endsWith("Serial") ? sequence(...place) : sequence(keyId);
  return [{ oid: EXTENSION_OIDS.authorityKeyIdentifier, value }];
}

const serials = new WeakMap<Draft, number>();
function serialOf(one: Draft): number {
  const known = serials.get(one) ?? ++serial;
  serials.set(one, known);
  return known;
}

/** Signs a draft with the one above it. */
function signed(one: Draft, issuer: Draft, issuerOfIssuer: Draft): Certificate {
  const fixed = [one.basicConstraints, one.keyUsage, one.subjectKeyIdentifier].filter((each) => each !== undefined);
  const all = [...fixed, ...authorityExtension(one, issuer, issuerOfIssuer), ...one.extensions];
  // Two features may bring the same extension, and the second counts.
  const byOid = new Map(all.map((extension) => [extension.oid, extension]));
  const der = forgeCertificate({
    version: one.version,
    serial: serialOf(one),
    issuer: one.issuerName ?? nameOf(issuer),
    subject: nameOf(one),
    notBefore: one.notBefore,
    notAfter: one.notAfter,
    spki: one.key.spki,
    extensions: [...byOid.values()],
    signer: one.signer ?? issuer.key,
    hash: one.hash,
    isBroken: one.isBroken,
  });
  return Certificate.presented(der);
}

/** Signs a chain of drafts, leaf first; the last signs itself. */
const signedChain = (drafts: readonly Draft[]): Certificate[] =>
  drafts.map((one, at) => {
    const issuer = drafts[at + 1] ?? one;
    return signed(one, issuer, drafts[at + 2] ?? issuer);
  });

interface ChainDraft {
  readonly random: SeededRandom;
  /** Leaf first, root last. */
  readonly chain: Draft[];
  readonly extra: Draft[][];
  readonly features: Set<string>;
  anchor: "root" | "intermediate" | "leaf" | "none" | "stranger";
  at: Date;
}

type Feature = (chainDraft: ChainDraft) => void;

const anyOf = ({ random, chain }: ChainDraft): Draft => random.pick(chain);
const caOf = ({ random, chain }: ChainDraft): Draft => random.pick(chain.slice(1));
const leafOf = ({ chain }: ChainDraft): Draft => chain[0] as Draft;
const days = (count: number): Date => new Date(AT.getTime() + count * DAY_MS);
const names = (...parts: readonly Buffer[]): ForgedExtension => ({
  oid: EXTENSION_OIDS.subjectAltName,
  value: sequence(...parts),
});

const SUBTREES: readonly (readonly [string, Buffer])[] = [
  ["dns", context(0x82, "a.example")],
  ["dns", context(0x82, ".a.example")],
  ["dns", context(0x82, "")],
  ["dns", context(0x82, "B.example")],
  ["mail", context(0x81, "a.example")],
  ["mail", context(0x81, ".a.example")],
  ["mail", context(0x81, "x@a.example")],
  ["uri", context(0x86, "a.example")],
  ["uri", context(0x86, ".a.example")],
  ["ip", context(0x87, Buffer.from([10, 0, 0, 0, 255, 0, 0, 0]))],
  ["ip", context(0x87, Buffer.from([10, 1, 2, 3, 255, 255, 255, 255]))],
  [
    "ip",
    context(
      0x87,
      Buffer.concat([
        Buffer.from("20010db8000000000000000000000000", "hex"),
        Buffer.from("ffffffff000000000000000000000000", "hex"),
      ]),
    ),
  ],
  ["directory", context(0xa4, directoryName(["O=Contoso"]))],
  ["directory", context(0xa4, directoryName(["O=contoso"], TAG.printableString))],
  ["directory", context(0xa4, directoryName(["O=Other"]))],
  ["directory", context(0xa4, directoryName(["O=Contoso", "CN=device-1"]))],
  ["directory", context(0xa4, sequence())],
];
const URI_WITH_USER = context(0x86, "https://u@a.example");
const ALTERNATIVES: readonly Buffer[] = [
  context(0x82, "a.example"),
  context(0x82, "x.A.example"),
  context(0x82, "xa.example"),
  context(0x82, "b.example"),
  context(0x81, "x@a.example"),
  context(0x81, "X@a.example"),
  context(0x81, "x@y.a.example"),
  context(0x81, "x@b.example"),
  context(0x86, "https://a.example/x"),
  context(0x86, "https://x.a.example:8443/x?y#z"),
  URI_WITH_USER,
  context(0x87, Buffer.from([10, 1, 2, 3])),
  context(0x87, Buffer.from([11, 1, 2, 3])),
  context(0x87, Buffer.from("20010db8000000000000000000000001", "hex")),
  context(0xa4, directoryName(["O=Contoso", "CN=x"])),
  context(0xa4, directoryName(["O=Other"])),
];
const POLICIES = ["1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2", "2.5.29.32.0"];
const policies = (oids: readonly string[], critical: boolean): ForgedExtension => ({
  oid: EXTENSION_OIDS.certificatePolicies,
  critical,
  value: sequence(...oids.map((each) => sequence(oid(each)))),
});

/** What is presented lacks its first certificate. */
const MISSING = "missing intermediate";

/** What can be particular about a chain. */
const FEATURES: Readonly<Record<string, Feature>> = {
  "key kinds": (chainDraft) => {
    for (const one of chainDraft.chain) replaceKey(one, chainDraft.random.pick(POOL));
  },
  "explicit curve": (chainDraft) => replaceKey(anyOf(chainDraft), EXPLICIT),
  hash: (chainDraft) => {
    anyOf(chainDraft).hash = chainDraft.random.pick(["sha384", "sha512", "sha1"]);
  },
  expired: (chainDraft) => {
    anyOf(chainDraft).notAfter = days(-chainDraft.random.pick([1, 50]));
  },
  "not yet valid": (chainDraft) => {
    anyOf(chainDraft).notBefore = days(chainDraft.random.pick([1, 50]));
  },
  "first second": (chainDraft) => {
    anyOf(chainDraft).notBefore = AT;
  },
  "last second": (chainDraft) => {
    anyOf(chainDraft).notAfter = AT;
  },
  "after 2050": (chainDraft) => {
    anyOf(chainDraft).notAfter = new Date("2060-01-01T00:00:00.000Z");
  },
  "name in another form": (chainDraft) => {
    const one = caOf(chainDraft);
    const form = chainDraft.random.below(3);
    const changed = one.name.map((part) =>
      form === 0
        ? part.toUpperCase().replace(/^(CN|O)/, "$1")
        : form === 1
          ? part.replace("=", "= ").replace(" CA", "   CA ")
          : part,
    );
    const child = chainDraft.chain[chainDraft.chain.indexOf(one) - 1];
    if (child) child.issuerName = directoryName(changed, form === 2 ? TAG.printableString : undefined);
  },
  "name of another": (chainDraft) => {
    anyOf(chainDraft).issuerName = directoryName(["O=Contoso", "CN=Someone else"]);
  },
  "wrong key": (chainDraft) => {
    anyOf(chainDraft).signer = chainDraft.random.pick(POOL);
  },
  "broken signature": (chainDraft) => {
    anyOf(chainDraft).isBroken = true;
  },
  "path length": (chainDraft) => {
    caOf(chainDraft).basicConstraints = basicConstraints(true, chainDraft.random.below(4));
  },
  "path lengths": (chainDraft) => {
    for (const one of chainDraft.chain.slice(1))
      one.basicConstraints = basicConstraints(true, chainDraft.random.below(4), chainDraft.random.chance(0.8));
  },
  "no basic constraints": (chainDraft) => {
    caOf(chainDraft).basicConstraints = undefined;
  },
  "no CA": (chainDraft) => {
    caOf(chainDraft).basicConstraints = basicConstraints(false);
  },
  "leaf is a CA": (chainDraft) => {
    leafOf(chainDraft).basicConstraints = basicConstraints(true);
  },
  "leaf without basic constraints": (chainDraft) => {
    leafOf(chainDraft).basicConstraints = undefined;
  },
  "no key usage": (chainDraft) => {
    anyOf(chainDraft).keyUsage = undefined;
  },
  "CA key usage": (chainDraft) => {
    caOf(chainDraft).keyUsage = chainDraft.random.pick([
      keyUsage("cRLSign"),
      keyUsage("digitalSignature", "keyCertSign"),
      keyUsage("digitalSignature"),
    ]);
  },
  "leaf key usage": (chainDraft) => {
    leafOf(chainDraft).keyUsage = chainDraft.random.pick([
      keyUsage("keyEncipherment"),
      keyUsage("keyAgreement"),
      keyUsage("digitalSignature", "nonRepudiation"),
      keyUsage("nonRepudiation"),
    ]);
  },
  "version 1": (chainDraft) => {
    anyOf(chainDraft).version = 1;
  },
  "leaf purposes": (chainDraft) => {
    leafOf(chainDraft).extensions = chainDraft.random.pick([
      [],
      [purposes("1.3.6.1.5.5.7.3.1")],
      [purposes("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2")],
      [purposes("1.2.3.4")],
    ]);
  },
  "CA purposes": (chainDraft) => {
    caOf(chainDraft).extensions.push(
      chainDraft.random.pick([
        purposes("1.3.6.1.5.5.7.3.1"),
        purposes("1.3.6.1.5.5.7.3.2"),
        purposes("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"),
      ]),
    );
  },
  "any purpose": (chainDraft) => {
    const one = anyOf(chainDraft);
    one.extensions = [
      ...one.extensions.filter((each) => each.oid !== EXTENSION_OIDS.extendedKeyUsage),
      purposes("2.5.29.37.0"),
    ];
  },
  "no subject key identifier": (chainDraft) => {
    anyOf(chainDraft).subjectKeyIdentifier = undefined;
  },
  "no authority key identifier": (chainDraft) => {
    anyOf(chainDraft).authority = "absent";
  },
  "wrong authority key identifier": (chainDraft) => {
    anyOf(chainDraft).authority = "wrongKeyId";
  },
  "authority by issuer and serial number": (chainDraft) => {
    anyOf(chainDraft).authority = "issuerAndSerial";
  },
  "authority by a wrong serial number": (chainDraft) => {
    anyOf(chainDraft).authority = "wrongIssuerAndSerial";
  },
  "unknown critical extension": (chainDraft) => {
    anyOf(chainDraft).extensions.push({ oid: "1.3.6.1.4.1.99999.9", critical: true, value: octets(Buffer.from("x")) });
  },
  "unknown extension": (chainDraft) => {
    anyOf(chainDraft).extensions.push({ oid: "1.3.6.1.4.1.99999.9", value: octets(Buffer.from("x")) });
  },
  "critical CRL distribution points": (chainDraft) => {
    const name = context(0xa0, context(0xa0, context(0x86, "http://a.example/crl")));
    anyOf(chainDraft).extensions.push({ oid: "2.5.29.31", critical: true, value: sequence(sequence(name)) });
  },
  "critical purposes and names": (chainDraft) => {
    leafOf(chainDraft).extensions = [
      { ...purposes("1.3.6.1.5.5.7.3.2"), critical: true },
      { ...names(context(0x82, "a.example")), critical: true },
    ];
  },
  "name constraints": (chainDraft) => {
    const { random } = chainDraft;
    const leaf = leafOf(chainDraft);
    const list = (): Buffer =>
      Buffer.concat(Array.from({ length: 1 + random.below(2) }, () => sequence(random.pick(SUBTREES)[1])));
    const permitted = random.chance(0.7);
    const parts = [
      ...(permitted ? [context(0xa0, list())] : []),
      ...(!permitted || random.chance(0.3) ? [context(0xa1, list())] : []),
    ];
    caOf(chainDraft).extensions.push({
      oid: EXTENSION_OIDS.nameConstraints,
      critical: random.chance(0.7),
      value: sequence(...parts),
    });
    const alternatives = Array.from({ length: 1 + random.below(2) }, () => random.pick(ALTERNATIVES));
    if (random.chance(0.8)) {
      leaf.extensions.push(names(...alternatives));
      if (alternatives.includes(URI_WITH_USER)) chainDraft.features.add("URI with a user");
    }
    if (random.chance(0.2)) leaf.name = ["O=Contoso", "E=x@a.example", "CN=device-1"];
    if (random.chance(0.2)) leaf.name = ["O=contoso ", "CN=device-1"];
    if (random.chance(0.15)) {
      leaf.name = ["CN=device.b.example"];
      chainDraft.features.add("common name like a host name");
    }
  },
  "subtree with a minimum": (chainDraft) => {
    const subtree = sequence(context(0x82, "a.example"), context(0x80, Buffer.from([1])));
    caOf(chainDraft).extensions.push({
      oid: EXTENSION_OIDS.nameConstraints,
      critical: true,
      value: sequence(context(0xa0, subtree)),
    });
    leafOf(chainDraft).extensions.push(names(context(0x82, "a.example")));
  },
  policies: (chainDraft) => {
    const { random, chain } = chainDraft;
    for (const one of chain) {
      if (random.chance(0.75))
        one.extensions.push(
          policies(
            random
              .pick([
                [POLICIES[0]],
                [POLICIES[1]],
                [POLICIES[0], POLICIES[1]],
                [POLICIES[2]],
                [POLICIES[0], POLICIES[2]],
              ])
              .map(String),
            random.chance(0.5),
          ),
        );
    }
    const requiring = random.chance(0.85) ? [caOf(chainDraft)] : [anyOf(chainDraft)];
    for (const one of requiring) {
      const parts = [
        ...(random.chance(0.85) ? [integer(random.below(3), 0x80)] : []),
        ...(random.chance(0.3) ? [integer(random.below(3), 0x81)] : []),
      ];
      if (parts.length > 0)
        one.extensions.push({ oid: EXTENSION_OIDS.policyConstraints, critical: true, value: sequence(...parts) });
    }
    if (random.chance(0.3))
      caOf(chainDraft).extensions.push({
        oid: EXTENSION_OIDS.inhibitAnyPolicy,
        critical: true,
        value: integer(random.below(3)),
      });
    if (random.chance(0.3)) {
      const [one = "", two = ""] = POLICIES;
      const mapping = random.pick([
        [one, two],
        [two, one],
        [one, one],
      ]);
      caOf(chainDraft).extensions.push({
        oid: EXTENSION_OIDS.policyMappings,
        critical: random.chance(0.5),
        value: sequence(sequence(...mapping.map(oid))),
      });
    }
  },
  "self-issued CA": (chainDraft) => {
    const { random, chain } = chainDraft;
    const at = 1 + random.below(chain.length - 1);
    const old = chain[at] as Draft;
    // The same CA with a new key, signed by the old one.
    const renewed = { ...draft(true, old.name, random.pick(POOL)), extensions: [...old.extensions] };
    chain.splice(at, 0, renewed);
  },
  "cross-signed": (chainDraft) => {
    const { random, chain, extra } = chainDraft;
    const at = 1 + random.below(chain.length - 1);
    const one = chain[at] as Draft;
    const other = draft(true, ["O=Contoso", "CN=Other Root CA"], random.pick(POOL));
    extra.push([
      { ...one, signer: undefined, issuerName: undefined, isBroken: undefined, extensions: [...one.extensions] },
      other,
    ]);
    if (random.chance(0.4)) one.notAfter = days(-1);
    if (random.chance(0.4)) chainDraft.anchor = "stranger";
  },
  "a CA of the same name with another key": (chainDraft) => {
    const { random, extra } = chainDraft;
    const one = caOf(chainDraft);
    const other = { ...draft(true, one.name, random.pick(POOL.filter((key) => key !== one.key))) };
    if (random.chance(0.6)) other.subjectKeyIdentifier = random.chance(0.5) ? undefined : one.subjectKeyIdentifier;
    extra.push([other]);
  },
  "trusted intermediate": (chainDraft) => {
    chainDraft.anchor = "intermediate";
  },
  "trusted leaf": (chainDraft) => {
    chainDraft.anchor = "leaf";
  },
  "nothing trusted": (chainDraft) => {
    chainDraft.anchor = "none";
  },
  [MISSING]: () => undefined,
};

function replaceKey(one: Draft, key: ForgedKey): void {
  one.key = key;
  if (one.subjectKeyIdentifier) one.subjectKeyIdentifier = { ...one.subjectKeyIdentifier, value: octets(keyIdOf(key)) };
}

/** The names of all features. */
export const FEATURE_NAMES: readonly string[] = Object.keys(FEATURES);

const shuffled = <T>(items: readonly T[], random: SeededRandom): T[] =>
  items
    .map((item) => [random.next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);

/** A scenario with one to three features. */
export function chainScenario(random: SeededRandom): ChainScenario {
  const length = random.pick([2, 2, 3, 3, 3, 4, 5]);
  const chain = Array.from({ length }, (_, at) => {
    if (at === 0) return draft(false, ["O=Contoso", "CN=device-1"], random.pick(POOL.slice(2, 6)));
    const name = at === length - 1 ? "CN=Root CA" : `CN=Level ${at} CA`;
    return draft(true, ["O=Contoso", name], random.pick(POOL.slice(2, 6)));
  });
  const chosen = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => random.pick(FEATURE_NAMES));
  const features = new Set(chosen);
  const anchor = random.chance(0.15) ? "intermediate" : "root";
  const chainDraft: ChainDraft = { random, chain, extra: [], features, anchor, at: AT };
  for (const feature of [...features]) FEATURES[feature]?.(chainDraft);

  const [leaf, ...cas] = signedChain(chain);
  if (!leaf) throw new TypeError("a chain has a leaf");
  const others = chainDraft.extra.map((drafts) => signedChain(drafts));
  const strangers = others.flatMap((chainOf) => chainOf.slice(-1));
  const extra = others.flatMap((chainOf) => (chainOf.length === 1 ? chainOf : chainOf.slice(0, -1)));
  const between = random.pick(cas);
  const anchors = { root: cas.slice(-1), intermediate: [between], leaf: [leaf], none: [], stranger: strangers }[
    chainDraft.anchor
  ];
  let presented = random.chance(0.3) ? [...cas, ...extra] : [...cas.slice(0, -1), ...extra];
  if (features.has(MISSING)) presented = presented.slice(1);
  if (random.chance(0.2)) presented = [...presented, ...presented, leaf];
  if (random.chance(0.4)) presented = shuffled(presented, random);
  return { leaf, presented, anchors, at: chainDraft.at, features: [...features] };
}
