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

interface Scene {
  readonly random: SeededRandom;
  /** Leaf first, root last. */
  readonly chain: Draft[];
  readonly extra: Draft[][];
  readonly features: Set<string>;
  anchor: "root" | "intermediate" | "leaf" | "none" | "stranger";
  at: Date;
}

type Feature = (scene: Scene) => void;

const anyOf = ({ random, chain }: Scene): Draft => random.pick(chain);
const caOf = ({ random, chain }: Scene): Draft => random.pick(chain.slice(1));
const leafOf = ({ chain }: Scene): Draft => chain[0] as Draft;
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
  "key kinds": (scene) => {
    for (const one of scene.chain) replaceKey(one, scene.random.pick(POOL));
  },
  "explicit curve": (scene) => replaceKey(anyOf(scene), EXPLICIT),
  hash: (scene) => {
    anyOf(scene).hash = scene.random.pick(["sha384", "sha512", "sha1"]);
  },
  expired: (scene) => {
    anyOf(scene).notAfter = days(-scene.random.pick([1, 50]));
  },
  "not yet valid": (scene) => {
    anyOf(scene).notBefore = days(scene.random.pick([1, 50]));
  },
  "first second": (scene) => {
    anyOf(scene).notBefore = AT;
  },
  "last second": (scene) => {
    anyOf(scene).notAfter = AT;
  },
  "after 2050": (scene) => {
    anyOf(scene).notAfter = new Date("2060-01-01T00:00:00.000Z");
  },
  "name in another form": (scene) => {
    const one = caOf(scene);
    const form = scene.random.below(3);
    const changed = one.name.map((part) =>
      form === 0
        ? part.toUpperCase().replace(/^(CN|O)/, "$1")
        : form === 1
          ? part.replace("=", "= ").replace(" CA", "   CA ")
          : part,
    );
    const child = scene.chain[scene.chain.indexOf(one) - 1];
    if (child) child.issuerName = directoryName(changed, form === 2 ? TAG.printableString : undefined);
  },
  "name of another": (scene) => {
    anyOf(scene).issuerName = directoryName(["O=Contoso", "CN=Someone else"]);
  },
  "wrong key": (scene) => {
    anyOf(scene).signer = scene.random.pick(POOL);
  },
  "broken signature": (scene) => {
    anyOf(scene).isBroken = true;
  },
  "path length": (scene) => {
    caOf(scene).basicConstraints = basicConstraints(true, scene.random.below(4));
  },
  "path lengths": (scene) => {
    for (const one of scene.chain.slice(1))
      one.basicConstraints = basicConstraints(true, scene.random.below(4), scene.random.chance(0.8));
  },
  "no basic constraints": (scene) => {
    caOf(scene).basicConstraints = undefined;
  },
  "no CA": (scene) => {
    caOf(scene).basicConstraints = basicConstraints(false);
  },
  "leaf is a CA": (scene) => {
    leafOf(scene).basicConstraints = basicConstraints(true);
  },
  "leaf without basic constraints": (scene) => {
    leafOf(scene).basicConstraints = undefined;
  },
  "no key usage": (scene) => {
    anyOf(scene).keyUsage = undefined;
  },
  "CA key usage": (scene) => {
    caOf(scene).keyUsage = scene.random.pick([
      keyUsage("cRLSign"),
      keyUsage("digitalSignature", "keyCertSign"),
      keyUsage("digitalSignature"),
    ]);
  },
  "leaf key usage": (scene) => {
    leafOf(scene).keyUsage = scene.random.pick([
      keyUsage("keyEncipherment"),
      keyUsage("keyAgreement"),
      keyUsage("digitalSignature", "nonRepudiation"),
      keyUsage("nonRepudiation"),
    ]);
  },
  "version 1": (scene) => {
    anyOf(scene).version = 1;
  },
  "leaf purposes": (scene) => {
    leafOf(scene).extensions = scene.random.pick([
      [],
      [purposes("1.3.6.1.5.5.7.3.1")],
      [purposes("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2")],
      [purposes("1.2.3.4")],
    ]);
  },
  "CA purposes": (scene) => {
    caOf(scene).extensions.push(
      scene.random.pick([
        purposes("1.3.6.1.5.5.7.3.1"),
        purposes("1.3.6.1.5.5.7.3.2"),
        purposes("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"),
      ]),
    );
  },
  "any purpose": (scene) => {
    const one = anyOf(scene);
    one.extensions = [
      ...one.extensions.filter((each) => each.oid !== EXTENSION_OIDS.extendedKeyUsage),
      purposes("2.5.29.37.0"),
    ];
  },
  "no subject key identifier": (scene) => {
    anyOf(scene).subjectKeyIdentifier = undefined;
  },
  "no authority key identifier": (scene) => {
    anyOf(scene).authority = "absent";
  },
  "wrong authority key identifier": (scene) => {
    anyOf(scene).authority = "wrongKeyId";
  },
  "authority by issuer and serial number": (scene) => {
    anyOf(scene).authority = "issuerAndSerial";
  },
  "authority by a wrong serial number": (scene) => {
    anyOf(scene).authority = "wrongIssuerAndSerial";
  },
  "unknown critical extension": (scene) => {
    anyOf(scene).extensions.push({ oid: "1.3.6.1.4.1.99999.9", critical: true, value: octets(Buffer.from("x")) });
  },
  "unknown extension": (scene) => {
    anyOf(scene).extensions.push({ oid: "1.3.6.1.4.1.99999.9", value: octets(Buffer.from("x")) });
  },
  "critical CRL distribution points": (scene) => {
    const name = context(0xa0, context(0xa0, context(0x86, "http://a.example/crl")));
    anyOf(scene).extensions.push({ oid: "2.5.29.31", critical: true, value: sequence(sequence(name)) });
  },
  "critical purposes and names": (scene) => {
    leafOf(scene).extensions = [
      { ...purposes("1.3.6.1.5.5.7.3.2"), critical: true },
      { ...names(context(0x82, "a.example")), critical: true },
    ];
  },
  "name constraints": (scene) => {
    const { random } = scene;
    const leaf = leafOf(scene);
    const list = (): Buffer =>
      Buffer.concat(Array.from({ length: 1 + random.below(2) }, () => sequence(random.pick(SUBTREES)[1])));
    const permitted = random.chance(0.7);
    const parts = [
      ...(permitted ? [context(0xa0, list())] : []),
      ...(!permitted || random.chance(0.3) ? [context(0xa1, list())] : []),
    ];
    caOf(scene).extensions.push({
      oid: EXTENSION_OIDS.nameConstraints,
      critical: random.chance(0.7),
      value: sequence(...parts),
    });
    const alternatives = Array.from({ length: 1 + random.below(2) }, () => random.pick(ALTERNATIVES));
    if (random.chance(0.8)) {
      leaf.extensions.push(names(...alternatives));
      if (alternatives.includes(URI_WITH_USER)) scene.features.add("URI with a user");
    }
    if (random.chance(0.2)) leaf.name = ["O=Contoso", "E=x@a.example", "CN=device-1"];
    if (random.chance(0.2)) leaf.name = ["O=contoso ", "CN=device-1"];
    if (random.chance(0.15)) {
      leaf.name = ["CN=device.b.example"];
      scene.features.add("common name like a host name");
    }
  },
  "subtree with a minimum": (scene) => {
    const subtree = sequence(context(0x82, "a.example"), context(0x80, Buffer.from([1])));
    caOf(scene).extensions.push({
      oid: EXTENSION_OIDS.nameConstraints,
      critical: true,
      value: sequence(context(0xa0, subtree)),
    });
    leafOf(scene).extensions.push(names(context(0x82, "a.example")));
  },
  policies: (scene) => {
    const { random, chain } = scene;
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
    const requiring = random.chance(0.85) ? [caOf(scene)] : [anyOf(scene)];
    for (const one of requiring) {
      const parts = [
        ...(random.chance(0.85) ? [integer(random.below(3), 0x80)] : []),
        ...(random.chance(0.3) ? [integer(random.below(3), 0x81)] : []),
      ];
      if (parts.length > 0)
        one.extensions.push({ oid: EXTENSION_OIDS.policyConstraints, critical: true, value: sequence(...parts) });
    }
    if (random.chance(0.3))
      caOf(scene).extensions.push({
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
      caOf(scene).extensions.push({
        oid: EXTENSION_OIDS.policyMappings,
        critical: random.chance(0.5),
        value: sequence(sequence(...mapping.map(oid))),
      });
    }
  },
  "self-issued CA": (scene) => {
    const { random, chain } = scene;
    const at = 1 + random.below(chain.length - 1);
    const old = chain[at] as Draft;
    // The same CA with a new key, signed by the old one.
    const renewed = { ...draft(true, old.name, random.pick(POOL)), extensions: [...old.extensions] };
    chain.splice(at, 0, renewed);
  },
  "cross-signed": (scene) => {
    const { random, chain, extra } = scene;
    const at = 1 + random.below(chain.length - 1);
    const one = chain[at] as Draft;
    const other = draft(true, ["O=Contoso", "CN=Other Root CA"], random.pick(POOL));
    extra.push([
      { ...one, signer: undefined, issuerName: undefined, isBroken: undefined, extensions: [...one.extensions] },
      other,
    ]);
    if (random.chance(0.4)) one.notAfter = days(-1);
    if (random.chance(0.4)) scene.anchor = "stranger";
  },
  "a CA of the same name with another key": (scene) => {
    const { random, extra } = scene;
    const one = caOf(scene);
    const other = { ...draft(true, one.name, random.pick(POOL.filter((key) => key !== one.key))) };
    if (random.chance(0.6)) other.subjectKeyIdentifier = random.chance(0.5) ? undefined : one.subjectKeyIdentifier;
    extra.push([other]);
  },
  "trusted intermediate": (scene) => {
    scene.anchor = "intermediate";
  },
  "trusted leaf": (scene) => {
    scene.anchor = "leaf";
  },
  "nothing trusted": (scene) => {
    scene.anchor = "none";
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
  const scene: Scene = { random, chain, extra: [], features, anchor, at: AT };
  for (const feature of [...features]) FEATURES[feature]?.(scene);

  const [leaf, ...cas] = signedChain(chain);
  if (!leaf) throw new TypeError("a chain has a leaf");
  const others = scene.extra.map((drafts) => signedChain(drafts));
  const strangers = others.flatMap((chainOf) => chainOf.slice(-1));
  const extra = others.flatMap((chainOf) => (chainOf.length === 1 ? chainOf : chainOf.slice(0, -1)));
  const between = random.pick(cas);
  const anchors = { root: cas.slice(-1), intermediate: [between], leaf: [leaf], none: [], stranger: strangers }[
    scene.anchor
  ];
  let presented = random.chance(0.3) ? [...cas, ...extra] : [...cas.slice(0, -1), ...extra];
  if (features.has(MISSING)) presented = presented.slice(1);
  if (random.chance(0.2)) presented = [...presented, ...presented, leaf];
  if (random.chance(0.4)) presented = shuffled(presented, random);
  return { leaf, presented, anchors, at: scene.at, features: [...features] };
}
