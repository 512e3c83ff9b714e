import { availableParallelism } from "node:os";
import type { KeyAlgorithmName } from "../algorithms";
import type { Certificate } from "../certificate";
import { fullChainPem } from "../chain";
import { type Clock, systemClock } from "../clock";
import { CertsError } from "../errors";
import { checkIssuer } from "../issue";
import type { PrivateKey } from "../keys";
import { PROFILES } from "../profiles";
import { isRegistrationId, REGISTRATION_ID_RULE, registrationKey } from "../registrationId";
import { KeySigner, type Signer } from "../signer";
import { planValidity } from "../validity";
import type { BatchSettings } from "./batch";
import { Manifest } from "./manifest";
import { createDevicesFolder, type Layout, lockOutputFolder, manifestPath } from "./outputFolder";
import { inlinePool, threadPool, type WorkerPool } from "./workerPool";

/** An order for the certificates of many devices. */
export interface BulkOrder {
  /** One per device, read as needed. IDs that differ in letter case only are the same. */
  readonly registrationIds: Iterable<string> | AsyncIterable<string>;
  readonly issuer: Certificate;
  /**
   * The issuer's private key, with which all cores sign; or a signer for a key that is elsewhere, such as in a key vault.
   * With a signer, this thread does the rest, with up to `atOnce` signatures in flight.
   */
  readonly issuerKey: PrivateKey | Signer;
  /** Concurrent signatures of a signer; default 16. */
  readonly atOnce?: number;
  /** The CAs above the issuer, nearest first. Devices present them, except a self-signed root. */
  readonly above?: readonly Certificate[];
  /** The output folder, for the manifest and the devices' files. */
  readonly folder: string;
  /** Default `bundle`. */
  readonly layout?: Layout;
  /** Default EC-P256. */
  readonly leafAlgorithm?: KeyAlgorithmName;
  /** Days; default: the device profile's lifetime. */
  readonly lifetimeDays?: number;
  /** If the lifetime outlives the issuer: `clamp` (default) shortens it, `refuse` throws `validityNotNested`. */
  readonly overrun?: "clamp" | "refuse";
  /** Encrypts the devices' keys. This is slow by design: about 500 µs per key. */
  readonly passphrase?: string;
  /** Worker threads; default: one per core, at most 8; 0: this thread. */
  readonly workers?: number;
  /**
   * Flushes every file to the disk before the manifest lists it, so that no recorded device is lost by a power cut.
   * Default false: recorded devices survive the end of this process at any moment, but not a power cut.
   */
  readonly durable?: boolean;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Called after each batch. */
  readonly onProgress?: (progress: BulkProgress) => void;
  /** Stops the run after the batches in progress; the next run continues. */
  readonly signal?: AbortSignal;
}

/** The progress of a run. */
export interface BulkProgress {
  /** Devices that this run issued and recorded. */
  readonly issued: number;
  /** Devices that an earlier run issued. */
  readonly skipped: number;
}

/** The outcome of a run. */
export interface BulkResult extends BulkProgress {
  /** The path of the manifest. */
  readonly manifest: string;
}

/** Devices per message to a worker: messages cost next to nothing, and a killed run repeats little work. */
const BATCH_SIZE = 128;

function settingsOf(order: BulkOrder): BatchSettings {
  const { issuer, issuerKey, above = [] } = order;
  checkIssuer({ certificate: issuer, signer: issuerKey }, PROFILES.device, undefined);
  if (order.passphrase === "") throw new TypeError("The passphrase is empty. To fix: leave it out, or set one");
  const chain = [issuer, ...above];
  const last = chain.at(-1);
  // The verifier has the trust anchor itself.
  const presented = last?.isSelfIssued === true ? chain.slice(0, -1) : chain;
  return {
    folder: order.folder,
    layout: order.layout ?? "bundle",
    leafAlgorithm: order.leafAlgorithm ?? "EC-P256",
    issuer: issuer.raw,
    chainPem: presented.length === 0 ? "" : fullChainPem(presented),
    passphrase: order.passphrase,
    durable: order.durable ?? false,
  };
}

function poolOf(settings: BatchSettings, { issuerKey, atOnce = 16, workers }: BulkOrder): WorkerPool {
  if (!("key" in issuerKey)) return inlinePool(settings, issuerKey, atOnce);
  const threads = workers ?? Math.min(availableParallelism(), 8);
  return threads === 0 ? inlinePool(settings, new KeySigner(issuerKey), 1) : threadPool(settings, issuerKey, threads);
}

/** Checks the IDs and returns those without a line in the manifest, in batches. Calls `skip` for each of the others. */
async function* batches(order: BulkOrder, done: ReadonlySet<string>, skip: () => void): AsyncGenerator<string[]> {
  const taken = new Set<string>();
  let batch: string[] = [];
  for await (const registrationId of order.registrationIds) {
    if (order.signal?.aborted === true) return;
    const key = registrationKey(registrationId);
    if (!isRegistrationId(registrationId) || taken.has(key)) {
      const problem = taken.has(key)
        ? "is listed twice (letter case does not count)"
        : `is not ${REGISTRATION_ID_RULE.rule}`;
      throw new CertsError("badRegistrationId", `Registration ID '${registrationId}' ${problem}`, {
        data: { registrationId },
      });
    }
    taken.add(key);
    if (done.has(key)) {
      skip();
      continue;
    }
    batch.push(registrationId);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Issues a key and a certificate for each of many devices, on all cores, into one folder with one manifest. A device's
 * files are written before its line in the manifest. A run can be killed at any moment; the next run with the same folder
 * continues: it skips the devices that have a line and issues the others. Per device, only the registration ID is kept in
 * memory.
 *
 * Throws CertsError: those of {@link checkIssuer} and {@link planValidity}, `badRegistrationId`, `manifest`,
 * `folderInUse`, `foreignFiles`, `keyFile`. Devices recorded before an error stay recorded.
 */
export async function issueMany(order: BulkOrder): Promise<BulkResult> {
  const settings = settingsOf(order);
  const clock = order.clock ?? systemClock;
  const plan = () => planValidity(PROFILES.device, clock.now(), order);
  plan();
  const release = await lockOutputFolder(order.folder);
  try {
    await createDevicesFolder(order.folder);
    const manifest = await Manifest.open(order.folder, order.issuer.sha256Thumbprint);
    let [issued, skipped] = [0, 0];
    const pool = poolOf(settings, order);
    const inProgress = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | undefined;
    try {
      for await (const registrationIds of batches(order, manifest.done, () => skipped++)) {
        const work = pool
          .issue({ registrationIds, validity: plan() })
          .then(async (result) => {
            await manifest.append(result.lines);
            issued += result.issued;
            failure ??= result.failure;
            order.onProgress?.({ issued, skipped });
          })
          .catch((error: unknown) => {
            failure ??= { error };
          })
          .finally(() => inProgress.delete(work));
        inProgress.add(work);
        if (inProgress.size >= pool.capacity) await Promise.race(inProgress);
        if (failure !== undefined) break;
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      await Promise.all(inProgress);
      await pool.close();
      await manifest.close();
    }
    if (failure !== undefined) throw failure.error;
    return { issued, skipped, manifest: manifestPath(order.folder) };
  } finally {
    release();
  }
}
