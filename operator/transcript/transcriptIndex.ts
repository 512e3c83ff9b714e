import { OperatorError } from "../operatorError";
import type { OperatorStore } from "../store/operatorStore";
import { type IndexContent, type IndexEntry, indexHash, indexText } from "./indexEntry";
import type { IndexMemory } from "./indexMemory";
import { NO_HASH } from "./transcriptLine";
import type { WriterDependencies } from "./transcriptWriter";

/** Where the index is in the store. */
const PREFIX = "index/";

/** Documents that are read at the same time. */
const AT_ONCE = 32;

/** Instances that write at the same time try again. */
const TRIES = 100;

/** The document of an entry, so that names sort as numbers do. */
const documentOf = (sequence: number): string => `${PREFIX}${String(sequence).padStart(10, "0")}`;

/** Reads one entry of the index. */
async function readEntry(store: OperatorStore, name: string): Promise<IndexEntry | undefined> {
  return (await store.read(name))?.value as unknown as IndexEntry | undefined;
}

/** Reads the whole index, in its order; it is not verified. */
export async function readIndex(store: OperatorStore): Promise<IndexEntry[]> {
  const names = await store.list(PREFIX);
  const entries: (IndexEntry | undefined)[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    entries.push(...(await Promise.all(names.slice(at, at + AT_ONCE).map((name) => readEntry(store, name)))));
  }
  return entries.filter((entry) => entry !== undefined);
}

/**
 * The index of all transcripts, which instances continue together: a document for each session that opens and each transcript
 * that is uploaded, with the hash of the document before and the signature of its instance. A transcript that is removed from the
 * store is found by it, and so is a removed document. A removed end is found by the instances, which remember theirs.
 */
export class TranscriptIndex {
  readonly #dependencies: WriterDependencies;
  readonly #memory: IndexMemory | undefined;
  #last: IndexEntry | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** `memory`: where this instance remembers its last entry. */
  constructor(dependencies: WriterDependencies, memory?: IndexMemory) {
    this.#dependencies = dependencies;
    this.#memory = memory;
  }

  /** Whether the index has the entry that this instance has written last; true where it has written none. */
  async isContinued(): Promise<boolean> {
    const remembered = this.#memory?.read();
    if (remembered === undefined) return true;
    const entry = await readEntry(this.#dependencies.store, documentOf(remembered.sequence));
    return entry !== undefined && indexHash(entry) === remembered.hash;
  }

  /** Appends an entry; durable when this resolves. Errors: OperatorError StoreUnavailable. */
  append(entry: Pick<IndexContent, "kind" | "session" | "hash" | "file">): Promise<void> {
    const done = this.#queue.then(() => this.#append(entry));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #append(given: Pick<IndexContent, "kind" | "session" | "hash" | "file">): Promise<void> {
    const { store, instance, clock } = this.#dependencies;
    this.#last ??= await this.#readLast();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const content: IndexContent = {
        ...given,
        sequence: (this.#last?.sequence ?? 0) + 1,
        time: clock.now().toISOString(),
        instance: instance.name,
        instanceKey: instance.publicKey,
        previous: this.#last ? indexHash(this.#last) : NO_HASH,
      };
      const entry: IndexEntry = { ...content, signature: instance.sign(indexText(content)) };
      const name = documentOf(entry.sequence);
      try {
        await store.write(name, { ...entry }, undefined);
        this.#last = entry;
        this.#memory?.write({ sequence: entry.sequence, hash: indexHash(entry) });
        return;
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== "StoreConflict") throw error;
        // Another instance was first.
        this.#last = await this.#readLast();
      }
    }
    throw new OperatorError("StoreUnavailable", "The index of transcripts is in use.", "connect again");
  }

  async #readLast(): Promise<IndexEntry | undefined> {
    const { store } = this.#dependencies;
    const last = (await store.list(PREFIX)).at(-1);
    return last === undefined ? undefined : readEntry(store, last);
  }
}
