import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Certificate } from "../../../certs/certificate";
import { type PathErrorCode, verifyPath } from "../../../certs/chain";
import { type ChainScenario, chainScenario } from "./chainScenario";
import { SeededRandom } from "./seededRandom";

/** The two verdicts on a chain. */
interface Verdicts {
  readonly scenario: ChainScenario;
  /** `ok`, or the code of our path check. */
  readonly ours: PathErrorCode | "ok";
  /** 0 for ok, or the number of OpenSSL's error (X509_V_ERR_… in x509_vfy.h). */
  readonly openssl: number;
}

/** Why our path check and OpenSSL differ. */
export interface ExplainedDifference {
  /** One of the chain's features that the difference needs. */
  readonly features: readonly string[];
  readonly ours: PathErrorCode | "ok";
  /** `any`: whatever error. */
  readonly openssl: number | "any";
  readonly why: string;
}

/** Every difference that is intended. Any other one fails the test. */
export const EXPLAINED: readonly ExplainedDifference[] = Object.freeze([
  {
    features: ["any purpose"],
    ours: "ok",
    openssl: 26,
    why: "OpenSSL does not take anyExtendedKeyUsage for clientAuth. RFC 5280, 4.2.1.12 lets it stand for every purpose; Windows and .NET take it.",
  },
  {
    features: ["last second"],
    ours: "ok",
    openssl: 10,
    why: "notAfter belongs to the validity (RFC 5280, 4.1.2.5: inclusive). OpenSSL ends it one second earlier.",
  },
  {
    features: ["no basic constraints", "version 1"],
    ours: "notCa",
    openssl: 0,
    why: "OpenSSL trusts a root without basicConstraints as a CA. RFC 5280, 4.2.1.9: without cA asserted a key verifies no certificate; DPS takes CA certificates only.",
  },
  {
    features: ["critical CRL distribution points"],
    ours: "unknownCritical",
    openssl: 0,
    why: "OpenSSL knows the extension, and ignores it without -crl_check. Nothing here reads revocation lists, and what is critical must be processed (RFC 5280, 4.2).",
  },
  {
    features: ["leaf key usage"],
    ours: "keyUsage",
    openssl: 0,
    why: "OpenSSL takes keyAgreement for a TLS client, for certificates of fixed Diffie-Hellman keys. TLS 1.3 and the suites of TLS 1.2 in use need digitalSignature (RFC 8446, 4.4.2.3).",
  },
  ...[7, 19, 20].map((openssl) => ({
    features: ["cross-signed", "a CA of the same name with another key", "self-issued CA"],
    ours: "ok" as const,
    openssl,
    why: "OpenSSL takes the first issuer that fits by name and key identifier, and no second one: it ends at a wrong signature or root, or at none. We try all paths (RFC 4158, 2.4.2).",
  })),
  {
    features: ["no basic constraints", "version 1"],
    ours: "noAnchor",
    openssl: 0,
    why: "As above, where another path got farther before it ended without an anchor.",
  },
  {
    features: ["trusted leaf"],
    ours: "ok",
    openssl: "any",
    why: "OpenSSL also judges the CAs above a leaf that is trusted itself, where they were presented. The end of a path is its anchor (RFC 5280, 6.1).",
  },
  {
    features: ["explicit curve"],
    ours: "explicitCurve",
    openssl: 0,
    why: "OpenSSL does not look at the key of an anchor. RFC 5480, 2.1.1 forbids the parameters everywhere.",
  },
  {
    features: ["common name like a host name"],
    ours: "ok",
    openssl: 47,
    why: "OpenSSL takes a leaf's common name with dots for a DNS name, as web browsers once did. RFC 5280, 4.2.1.10 constrains dNSName in the subjectAltName alone; a registration ID may have dots.",
  },
  {
    features: ["common name like a host name"],
    ours: "ok",
    openssl: 48,
    why: "As above, for an excluded DNS name.",
  },
  {
    features: ["URI with a user"],
    ours: "ok",
    openssl: 47,
    why: "OpenSSL takes the user in a URI for a part of its host. RFC 3986, 3.2: it precedes the host.",
  },
  {
    features: ["URI with a user"],
    ours: "nameConstraints",
    openssl: 0,
    why: "As above, for an excluded host, which OpenSSL does not find (seed 37).",
  },
]);

const run = promisify(execFile);
const pems = (certificates: readonly Certificate[]): string => certificates.map((each) => each.toPem()).join("");

async function opensslVerdict({ leaf, presented, anchors, at }: ChainScenario, folder: string): Promise<number> {
  mkdirSync(folder);
  const files = { leaf: [leaf], presented, anchors };
  for (const [name, certificates] of Object.entries(files)) writeFileSync(join(folder, name), pems(certificates));
  const args = [
    ...["verify", "-no-CApath", "-no-CAstore", "-partial_chain", "-purpose", "sslclient"],
    ...["-attime", String(at.getTime() / 1000)],
    // RFC 5280, 6.1: policies are processed, and every one is acceptable.
    ...["-policy_check", "-policy", "2.5.29.32.0"],
    ...(anchors.length > 0 ? ["-CAfile", "anchors"] : ["-no-CAfile"]),
    ...(presented.length > 0 ? ["-untrusted", "presented"] : []),
  ];
  try {
    await run("openssl", [...args, "leaf"], { cwd: folder });
    return 0;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const number = /^error (\d+) at/m.exec(stderr ?? "")?.[1];
    if (number === undefined) throw error;
    return Number(number);
  }
}

async function judge(scenario: ChainScenario, folder: string): Promise<Verdicts> {
  const { leaf, presented, anchors, at } = scenario;
  const result = verifyPath(leaf, presented, anchors, { at });
  return { scenario, ours: result.ok ? "ok" : result.code, openssl: await opensslVerdict(scenario, folder) };
}

const isExplained = ({ scenario, ours, openssl }: Verdicts): boolean =>
  EXPLAINED.some(
    (each) =>
      each.ours === ours &&
      (each.openssl === openssl || (each.openssl === "any" && openssl !== 0)) &&
      scenario.features.some((feature) => each.features.includes(feature)),
  );

/** The outcome of a run. */
export interface ChainReport {
  readonly accepted: number;
  readonly explained: number;
  /** One line for each difference without an explanation. */
  readonly unexplained: readonly string[];
}

/** Judges generated chains by our path check and by `openssl verify`, four at a time. Needs the openssl program, version 3. */
export async function judgeChains({
  seed,
  count,
}: {
  readonly seed: number;
  readonly count: number;
}): Promise<ChainReport> {
  const folder = mkdtempSync(join(tmpdir(), "chains-"));
  const verdicts: (Verdicts & { readonly index: number })[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const scenario = chainScenario(new SeededRandom(seed * 1_000_003 + index));
      verdicts.push({ index, ...(await judge(scenario, join(folder, String(index)))) });
    }
  };
  try {
    await Promise.all([work(), work(), work(), work()]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const different = verdicts.filter(({ ours, openssl }) => (ours === "ok") !== (openssl === 0));
  return {
    accepted: verdicts.filter(({ ours }) => ours === "ok").length,
    explained: different.filter(isExplained).length,
    unexplained: different
      .filter((each) => !isExplained(each))
      .map(
        ({ index, scenario, ours, openssl }) =>
          `seed ${seed}, chain ${index} (${scenario.features.join(", ")}): ours ${ours}, openssl ${openssl}`,
      ),
  };
}
