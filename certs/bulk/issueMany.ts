import { access, mkdir, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
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
import { DEVICES, type Layout } from "./files";
import { lockFolder } from "./folderLock";
import { MANIFEST, Manifest } from "./manifest";
import { inlinePool, threadPool, type WorkerPool } from "./workerPool";

/** An order for the certificates of many devices. */
export interface BulkOrder {
  /** One device each, taken as they are needed. Letter case does not tell two apart. */
  readonly registrationIds: Iterable<string> | AsyncIterable<string>;
  readonly issuer: Certificate;
  /**
   * The issuer's private key, by which all cores sign; or a signer that reaches it elsewhere, as in a key vault. Then this
   * thread does the rest, with up to `atOnce` signatures in flight.
   */
  readonly issuerKey: PrivateKey | Signer;
  /** Default 16. */
  readonly atOnce?: number;
  /** The CAs above the issuer that devices present, nearest first. A self-signed root is left out. */
  readonly above?: readonly Certificate[];
  /** The output folder: the manifest, and the devices' files below `devices/`. */
  readonly folder: string;
  /** Default `bundle`. */
  readonly layout?: Layout;
  /** Default EC-P256. */
  readonly leafAlgorithm?: KeyAlgorithmName;
  /** Days of 86,400 s; default: the device profile's. */
  readonly lifetimeDays?: number;
  /** How to treat a lifetime that outlives the issuer: cut it (default) or throw `validityNotNested`. */
  readonly overrun?: "clamp" | "refuse";
  /** Encrypts the devices' keys. This is slow on purpose: some 500 µs a key. */
  readonly passphrase?: string;
  /** Worker threads; default: one a core, 8 at most; 0: this thread. */
  readonly workers?: number;
  /**
   * Brings every file to the disk before the manifest names it, so that even a power cut loses nothing recorded.
   * Default false: then only the end of this process, at any moment, does not.
   */
  readonly durable?: boolean;
  /** Default: this machine's clock. */
  readonly clock?: Clock;
  /** Told after each batch. */
  readonly onProgress?: (progress: BulkProgress) => void;
  /** Stops the run after what is under way; the next run goes on. */
  readonly signal?: AbortSignal;
}

/** How far a run is. */
export interface BulkProgress {
  /** Devices issued by this run and recorded. */
  readonly issued: number;
  /** Devices that an earlier run had issued. */
  readonly skipped: number;
}

/** The outcome of a run. */
export interface BulkResult extends BulkProgress {
  /** Path of the manifest. */
  readonly manifest: string;
}

/** Devices to a message: large enough that messages cost nothing, small enough that a kill repeats little work. */
const BATCH_SIZE = 128;

/** Refuses a folder of somebody else's files, which a run would otherwise take for its own leftovers. */
async function checkFolder(folder: string): Promise<void> {
  const known = await access(join(folder, MANIFEST)).then(
    () => true,
    () => false,
  );
  const found = known ? [] : await readdir(join(folder, DEVICES)).catch(() => []);
  if (found.length > 0) {
    throw new CertsError("foreignFiles", `${join(folder, DEVICES)} holds files, but there is no manifest of them`, {
      data: { folder, count: found.length },
    });
  }
}

function settingsOf(order: BulkOrder): BatchSettings {
  const { issuer, issuerKey, above = [] } = order;
  checkIssuer({ certificate: issuer, signer: issuerKey }, PROFILES.device, undefined);
  if (order.passphrase === "") throw new TypeError("An empty passphrase protects nothing: leave it out or give one");
  const chain = [issuer, ...above];
  const last = chain.at(-1);
  // A device presents what the verifier cannot know; an anchor it knows, or it would not trust it.
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

/** The IDs that have no line in the manifest yet, in batches; each is checked and counted on the way. */
async function* batches(order: BulkOrder, done: ReadonlySet<string>, skip: () => void): AsyncGenerator<string[]> {
  const taken = new Set<string>();
  let batch: string[] = [];
  for await (const registrationId of order.registrationIds) {
    if (order.signal?.aborted === true) return;
    const key = registrationKey(registrationId);
    if (!isRegistrationId(registrationId) || taken.has(key)) {
      const error = taken.has(key)
        ? "is given twice (letter case does not count)"
        : `is not ${REGISTRATION_ID_RULE.rule}`;
      throw new CertsError("badRegistrationId", `Registration ID '${registrationId}' ${error}`, {
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
 * files are written before its line; a run may be killed at any moment, and the next with the same folder goes on
 * where it was: what has its line is passed over, what has none is issued. Memory does not grow with the leaves but
 * for their registration IDs.
 *
 * Throws CertsError: those of {@link checkIssuer} and {@link planValidity}, `badRegistrationId`, `manifest`,
 * `folderInUse`, `foreignFiles`, `keyFile`. What was recorded before an error stays and counts.
 */
export async function issueMany(order: BulkOrder): Promise<BulkResult> {
  const settings = settingsOf(order);
  const clock = order.clock ?? systemClock;
  const plan = () => planValidity(PROFILES.device, clock.now(), order);
  plan();
  const release = await lockFolder(order.folder);
  try {
    await checkFolder(order.folder);
    const manifest = await Manifest.open(order.folder, order.issuer.sha256Thumbprint);
    await mkdir(join(order.folder, DEVICES), { recursive: true, mode: 0o700 });
    let [issued, skipped] = [0, 0];
    const pool = poolOf(settings, order);
    const underWay = new Set<Promise<void>>();
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
          .finally(() => underWay.delete(work));
        underWay.add(work);
        if (underWay.size >= pool.capacity) await Promise.race(underWay);
        if (failure !== undefined) break;
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      await Promise.all(underWay);
      await pool.close();
      await manifest.close();
    }
    if (failure !== undefined) throw failure.error;
    return { issued, skipped, manifest: join(order.folder, MANIFEST) };
  } finally {
    release();
  }
}
