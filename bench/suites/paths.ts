import { type KeyObject, verify } from "node:crypto";
import type { Certificate } from "../../certs/certificate";
import { expectTag, readChildren, readWhole, TAG } from "../../certs/der";
import { type Issuer, issueDevice, issueIntermediate, issueRoot } from "../../certs/issue";
import { generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { type Chain, LocalDps } from "../environment/localDps";
import { compare, type Measurement, perSecond } from "../measure";

/** More than elsewhere: a round is short, and a busy machine shows in it. */
const ROUNDS = 9;
/** Devices of a round: each has a chain that has not been read yet. */
const DEVICES = 400;

const newSigner = async (): Promise<KeySigner> => new KeySigner(await generateKeyPair("EC-P256"));

/** What a signature check needs, read beforehand. */
interface Signed {
  readonly tbs: Buffer;
  readonly signature: Buffer;
  readonly key: KeyObject;
}

async function newRoot(): Promise<Issuer> {
  const signer = await newSigner();
  return { certificate: await issueRoot({ commonName: "Fleet root", signer }), signer };
}

async function newLine(commonName: string, root: Issuer): Promise<Issuer> {
  const signer = await newSigner();
  const { publicKey } = signer;
  return { certificate: await issueIntermediate({ commonName, publicKey, issuer: root }), signer };
}

async function chainUnder(line: Issuer, root: Issuer, id: string): Promise<Chain> {
  const { publicKey } = await newSigner();
  const leaf = await issueDevice({ registrationId: id, publicKey, issuer: line });
  return { id, leaf, intermediate: line.certificate, root: root.certificate };
}

function signed(child: Certificate, issuer: Certificate): Signed {
  const [tbs, , signature] = readChildren(readWhole(child.raw, TAG.sequence).content);
  // A bit string's first octet counts unused bits: none.
  return {
    tbs: expectTag(tbs, TAG.sequence).raw,
    signature: expectTag(signature, TAG.bitString).content.subarray(1),
    key: issuer.publicKey,
  };
}

/** Three signatures of a chain, the root's own one included, by keys that were read before. */
function bareRate(chains: readonly Chain[]): Promise<number> {
  const checks = chains.map(({ leaf, intermediate, root }) => [
    signed(leaf, intermediate),
    signed(intermediate, root),
    signed(root, root),
  ]);
  return perSecond(chains.length, async () => {
    for (const check of checks.flat()) {
      if (!verify("sha256", check.tbs, check.key, check.signature))
        throw new Error("a signature of the bench is wrong");
    }
  });
}

/** Path building and verification of three tiers in the local DPS, against what the signatures cost at least. */
export async function pathMeasurements(): Promise<Measurement[]> {
  const rival = "node:crypto: the chain's three signatures, keys read beforehand";
  const common = { rival, unit: "chains/s", bound: { atLeast: 0.3 } } as const;

  const root = await newRoot();
  const line = await newLine("Fleet line", root);
  const dps = new LocalDps();
  dps.trust(root.certificate);
  dps.enroll("line", line.certificate);

  let made = 0;
  /** Chains of new leaves, each under a line of its own where `isNew`. */
  const chains = async (isNew: boolean): Promise<Chain[]> => {
    const all: Chain[] = [];
    for (let count = 0; count < DEVICES; count += 1) {
      made += 1;
      const id = `device-${made}`;
      const own = isNew ? await newLine(`Line ${made}`, root) : line;
      if (isNew) dps.enroll(id, own.certificate);
      all.push(await chainUnder(own, root, id));
    }
    return all;
  };

  const results: Measurement[] = [];
  for (const [name, what, isNew] of [
    ["paths", "chains of three tiers: leaf and intermediate new to the local DPS, the root verified with it", true],
    ["paths.fleet", "chains of one fleet: new leaves under an intermediate that other devices have shown", false],
  ] as const) {
    let next = await chains(isNew);
    results.push(
      await compare({
        name,
        what,
        ...common,
        rounds: ROUNDS,
        theirs: () => bareRate(next),
        async ours() {
          const rate = await perSecond(DEVICES, async () => {
            for (const chain of next) await dps.judge(chain);
          });
          next = await chains(isNew);
          return rate;
        },
      }),
    );
  }
  return results;
}
