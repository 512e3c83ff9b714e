import { SetupError } from "../../bootstrap/setupError.cjs";
import { issueMany } from "../../certs/bulk/issueMany";
import { numberedIds } from "../../certs/bulk/registrationIds";
import { CertsError } from "../../certs/errors";
import { isRegistrationId, REGISTRATION_ID_RULE } from "../../certs/registrationId";
import type { CertsContext } from "../certs/certsContext";
import type { LoadedIssuer } from "../certs/inputFiles";
import { progressLine } from "../certs/issuingProgress";
import { type FleetDevice, FleetManifest } from "./fleetManifest";
import { isInShard, type Shard, shardSize } from "./shard";

/** The devices of a shard with their keys and certificates. */
export interface ShardDevices {
  readonly devices: readonly FleetDevice[];
  readonly manifest: FleetManifest;
}

/** A fleet by its registration IDs: the prefix and a number from 1. */
export interface FleetNames {
  readonly prefix: string;
  readonly count: number;
}

/** The devices of a shard by their names. The index of a device is its number less 1, in every sharding. */
export function* namedDevices({ prefix, count }: FleetNames, shard: Shard): Generator<FleetDevice> {
  for (let index = shard.index; index < count; index += shard.count) {
    const [registrationId = ""] = numberedIds({ prefix, count: 1, start: index + 1 });
    yield { index, registrationId };
  }
}

/** The devices of a shard that a manifest lists; the index of a device is its line's, from 0. */
export function listedDevices(path: string, count: number | undefined, shard: Shard): ShardDevices {
  const manifest = FleetManifest.open(path);
  return { manifest, devices: manifest.devices.slice(0, count).filter(({ index }) => isInShard(index, shard)) };
}

function* idsOf(devices: Iterable<FleetDevice>): Generator<string> {
  for (const { registrationId } of devices) yield registrationId;
}

/** What {@link issuedDevices} needs. */
export interface FleetIssue {
  readonly names: FleetNames;
  readonly shard: Shard;
  readonly issuer: LoadedIssuer;
  /** The output folder of the bulk issue. */
  readonly folder: string;
  readonly context: CertsContext;
}

/**
 * Issues a key and a certificate for each device of a shard that has none yet; undefined if the user stops it. Errors: SetupError
 * WRONG_PREFIX, NOT_ISSUED.
 */
export async function issuedDevices(issue: FleetIssue): Promise<ShardDevices | undefined> {
  const { names, shard, issuer, folder, context } = issue;
  const [last = ""] = numberedIds({ ...names, count: 1, start: names.count });
  if (!isRegistrationId(last)) {
    const why = `A registration ID is ${REGISTRATION_ID_RULE.rule}.`;
    throw new SetupError("WRONG_PREFIX", `"${last.slice(0, 140)}" is no registration ID.`, why, "--prefix fleet-");
  }
  const progress = progressLine(context, shardSize(names.count, shard));
  try {
    const result = await issueMany({
      registrationIds: idsOf(namedDevices(names, shard)),
      issuer: issuer.certificate,
      issuerKey: issuer.key,
      above: issuer.chain.slice(1),
      folder,
      signal: context.signal,
      onProgress: progress.update,
    });
    if (result.issued > 0) progress.end(result);
    if (context.signal.aborted) return undefined;
    return { devices: [...namedDevices(names, shard)], manifest: FleetManifest.open(result.manifest) };
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    const remedies = ["name another folder: --out FOLDER", "give certificates that exist: --manifest FILE"];
    throw new SetupError("NOT_ISSUED", "The certificates were not issued.", error.message, remedies, { cause: error });
  }
}
