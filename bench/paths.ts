import { type KeyObject, verify } from "node:crypto";
import type { Certificate } from "../certs/certificate";
import { expectTag, readChildren, readWhole, TAG } from "../certs/der";
import { type Issuer, issueDevice, issueIntermediate, issueRoot } from "../certs/issue";
import type { Operation } from "../simulator/kernel/call";
import { newSigner, stoppedClock } from "../tests/cast/certs";
import { DataPlane, GLOBAL_HOST } from "../tests/cast/dataPlane";
import { compare, type Measurement } from "./measure";

/** More than elsewhere: a round is short, and a busy machine shows in it. */
const ROUNDS = 9;
/** Devices of a round: each has a chain that nobody has read yet. */
const DEVICES = 400;

const clock = stoppedClock();

/** Leaf, intermediate and root of one device. */
interface Chain {
  readonly id: string;
  readonly leaf: Certificate;
  readonly intermediate: Certificate;
  readonly root: Certificate;
}

/** What a signature check needs, read beforehand. */
interface Signed {
  readonly tbs: Buffer;
  readonly signature: Buffer;
  readonly key: KeyObject;
}

async function authorities(name: string): Promise<{ readonly root: Issuer; readonly intermediate: Issuer }> {
  const [rootSigner, signer] = [await newSigner(), await newSigner()];
  const root = {
    certificate: await issueRoot({ commonName: `${name} root`, signer: rootSigner, clock }),
    signer: rootSigner,
  };
  const { publicKey } = signer;
  const certificate = await issueIntermediate({ commonName: `${name} line`, publicKey, issuer: root, clock });
  return { root, intermediate: { certificate, signer } };
}

async function chainUnder(id: string, { root, intermediate }: Awaited<ReturnType<typeof authorities>>): Promise<Chain> {
  const { publicKey } = await newSigner();
  const leaf = await issueDevice({ registrationId: id, publicKey, issuer: intermediate, clock });
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

/** The device API's status look-up: name, path, signatures, dates, group and record, all but HTTP. */
class LocalDps {
  readonly #plane = new DataPlane();
  readonly #lookUp: Operation;

  constructor() {
    const name = "RuntimeRegistration_DeviceRegistrationStatusLookup";
    const found = this.#plane.dps.operations.find((operation) => operation.name === name);
    if (!found) throw new Error(`no operation ${name}`);
    this.#lookUp = found;
  }

  async enroll(id: string, intermediate: Certificate): Promise<void> {
    const { status } = await this.#plane.group(id, intermediate, { provisioningStatus: "disabled" });
    if (status !== 200) throw new Error(`the bench's group was refused with ${status}`);
  }

  trust(root: Certificate): void {
    this.#plane.directory.caCertificates = [{ name: "root", der: root.raw, isVerified: true }];
  }

  /** Buffers are copied, as each connection brings its own: nothing is known of the leaf. */
  async judge({ id, leaf, intermediate, root }: Chain): Promise<void> {
    const chain = [leaf, intermediate, root].map(({ raw }) => Buffer.from(raw));
    const body = { registrationId: id };
    const answer = await this.#lookUp.handle({
      method: "POST",
      host: GLOBAL_HOST,
      path: `/${this.#plane.directory.service.idScope}/registrations/${id}`,
      params: { idScope: this.#plane.directory.service.idScope, id },
      query: new Map([["api-version", "2021-10-01"]]),
      headers: {},
      body,
      raw: Buffer.from(JSON.stringify(body)),
      clientChain: () => chain,
    });
    // The group is disabled: the answer comes once the chain is found good, and without a record of the device.
    if ((answer.body as { status?: unknown }).status !== "disabled") throw new Error("the bench's chain was refused");
  }
}

/** Path building and verification of three tiers in the local DPS, against what the signatures cost at least. */
export async function pathMeasurements(): Promise<Measurement[]> {
  const rival = "node:crypto: the chain's three signatures, keys read beforehand";
  const common = { rival, unit: "chains/s", bound: { atLeast: 0.3 } } as const;

  const fleet = await authorities("Fleet");
  const fleetDps = new LocalDps();
  fleetDps.trust(fleet.root.certificate);
  await fleetDps.enroll("fleet", fleet.intermediate.certificate);

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
          if (!dps) for (const { id, intermediate } of chains) await local.enroll(id, intermediate);
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
