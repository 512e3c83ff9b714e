import { type KeyObject, verify } from "node:crypto";
import type { Certificate } from "../certs/certificate";
import { expectTag, readChildren, readWhole, TAG } from "../certs/der";
import { type Issuer, issueDevice, issueIntermediate, issueRoot } from "../certs/issue";
import { generateKeyPair } from "../certs/keys";
import { KeySigner } from "../certs/signer";
import { type Chain, LocalDps } from "./localDps";
import { compare, type Measurement } from "./measure";

/** More than elsewhere: a round is short, and a busy machine shows in it. */
const ROUNDS = 9;
/** Devices of a round: each has a chain that nobody has read yet. */
const DEVICES = 400;

const newSigner = async (): Promise<KeySigner> => new KeySigner(await generateKeyPair("EC-P256"));

/** What a signature check needs, read beforehand. */
interface Signed {
  readonly tbs: Buffer;
  readonly signature: Buffer;
  readonly key: KeyObject;
}

async function authorities(name: string): Promise<{ readonly root: Issuer; readonly intermediate: Issuer }> {
  const [rootSigner, signer] = [await newSigner(), await newSigner()];
  const root = {
    certificate: await issueRoot({ commonName: `${name} root`, signer: rootSigner }),
    signer: rootSigner,
  };
  const { publicKey } = signer;
  const certificate = await issueIntermediate({ commonName: `${name} line`, publicKey, issuer: root });
  return { root, intermediate: { certificate, signer } };
}

async function chainUnder(id: string, { root, intermediate }: Awaited<ReturnType<typeof authorities>>): Promise<Chain> {
  const { publicKey } = await newSigner();
  const leaf = await issueDevice({ registrationId: id, publicKey, issuer: intermediate });
  return { id, leaf, intermediate: intermediate.certificate, root: root.certificate };
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

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return count / (Number(process.hrtime.bigint() - start) / 1e9);
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

  const fleet = await authorities("Fleet");
  const fleetDps = new LocalDps();
  fleetDps.trust(fleet.root.certificate);
  fleetDps.enroll("fleet", fleet.intermediate.certificate);

  let round = 0;
  const fleetRound = async (): Promise<Chain[]> => {
    round += 1;
    const chains: Chain[] = [];
    for (let count = 0; count < DEVICES; count += 1) chains.push(await chainUnder(`device-${round}-${count}`, fleet));
    return chains;
  };
  const strangerRound = async (): Promise<Chain[]> => {
    round += 1;
    const chains: Chain[] = [];
    for (let count = 0; count < DEVICES; count += 1) {
      chains.push(await chainUnder(`device-${round}-${count}`, await authorities(`Maker ${round}-${count}`)));
    }
    return chains;
  };

  const results: Measurement[] = [];
  for (const [name, what, make, dps] of [
    ["paths", "chains of three tiers that a local DPS reads for the first time, CAs too", strangerRound, undefined],
    ["paths.fleet", "chains of one fleet: new leaves under CAs that the local DPS knows", fleetRound, fleetDps],
  ] as const) {
    let chains = await make();
    results.push(
      await compare({ name, what, ...common }, ROUNDS, {
        theirs: () => bareRate(chains),
        async ours() {
          const local = dps ?? new LocalDps();
          if (!dps) for (const { id, intermediate } of chains) local.enroll(id, intermediate);
          const rate = await perSecond(DEVICES, async () => {
            for (const chain of chains) {
              if (!dps) local.trust(chain.root);
              await local.judge(chain);
            }
          });
          chains = await make();
          return rate;
        },
      }),
    );
  }
  return results;
}
