import { SeededRandom } from "../fuzz/seededRandom";
import { type LaunchedAzure, launchTestAzure } from "../launchedAzure";
import { type Connection, connect, type WrittenKind, writtenKinds } from "./writtenKinds";
import { RefusedWrite, WrittenThing } from "./writtenThing";

/** The most acknowledgements before a kill. */
const ACKNOWLEDGEMENTS = 120;
/** The most turns of the event loop between the last request sent and the kill: how far the local Azure gets with it. */
const TURNS = 40;

/** What a run of kills found. */
export interface KillReport {
  readonly findings: readonly string[];
  /** Writes that were acknowledged. */
  readonly acknowledged: number;
  /** Writes without a response when the process was killed. */
  readonly unanswered: number;
  /** Things read back after a kill. */
  readonly readBack: number;
}

/** Kills a local Azure again and again while clients write to it, and reads back what they wrote. Stops at a finding. */
export async function killedWrites(options: { readonly seed: number; readonly kills: number }): Promise<KillReport> {
  const azure = await launchTestAzure();
  const run = new KilledWrites(azure, new SeededRandom(options.seed), await connect(azure.ready));
  try {
    return await run.run(options.kills);
  } finally {
    await run.close();
  }
}

class KilledWrites {
  readonly #azure: LaunchedAzure;
  readonly #random: SeededRandom;
  readonly #findings: string[] = [];
  #connection: Connection;
  #kinds: readonly WrittenKind[] = [];
  #acknowledged = 0;
  #unanswered = 0;
  #readBack = 0;

  constructor(azure: LaunchedAzure, random: SeededRandom, connection: Connection) {
    this.#azure = azure;
    this.#random = random;
    this.#connection = connection;
  }

  async run(kills: number): Promise<KillReport> {
    this.#kinds = await writtenKinds(this.#azure.ready, () => this.#connection);
    const kept = this.#things("kept");
    const passing: WrittenThing[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      const fresh = this.#things(`kill-${kill}`);
      await this.#killWhileWriting([...kept, ...fresh]);
      await this.#readAll([...kept, ...fresh], `kill ${kill}`);
      if (this.#findings.length > 0) break;
      // So that Azure's limits on numbers allow any number of kills; the removals are read back at the end.
      const left = fresh.filter(({ exists }) => exists);
      await Promise.all(left.map((thing) => thing.write(true)));
      passing.push(...fresh);
    }
    if (this.#findings.length === 0) await this.#readAll([...kept, ...passing], "the end");
    return {
      findings: this.#findings,
      acknowledged: this.#acknowledged,
      unanswered: this.#unanswered,
      readBack: this.#readBack,
    };
  }

  async close(): Promise<void> {
    await this.#connection.client.close().catch(() => undefined);
    await this.#azure.close();
  }

  #things(suffix: string): WrittenThing[] {
    return this.#kinds.map((kind) => new WrittenThing(kind, `${kind.name.replace(" ", "-")}-${suffix}`));
  }

  /** Writes all things at the same time, each with one writer, and kills at a moment that is counted in requests. */
  async #killWhileWriting(things: readonly WrittenThing[]): Promise<void> {
    let acknowledgements = 1 + this.#random.below(ACKNOWLEDGEMENTS);
    let requests = this.#random.below(things.length);
    const turns = this.#random.below(TURNS);
    let isKilled = false;
    let killed: Promise<void> | undefined;
    const kill = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
      isKilled = true;
      await this.#azure.kill();
    };
    const write = async (thing: WrittenThing): Promise<void> => {
      while (!isKilled) {
        if (acknowledgements <= 0 && requests-- <= 0) killed ??= kill();
        try {
          await thing.write();
          acknowledgements -= 1;
          this.#acknowledged += 1;
        } catch (error) {
          if (error instanceof RefusedWrite || !isKilled) {
            this.#findings.push(String(error));
            acknowledgements = requests = 0;
            killed ??= kill();
          } else this.#unanswered += 1;
          return;
        }
      }
    };
    await Promise.all(things.map(write));
    await killed;
    // undici refuses to close a connection that the kill has destroyed already.
    await this.#connection.client.close().catch(() => undefined);
    await this.#azure.restart();
    this.#connection = await connect(this.#azure.ready);
  }

  async #readAll(things: readonly WrittenThing[], when: string): Promise<void> {
    for (const thing of things) {
      const finding = await thing.readBack();
      this.#readBack += 1;
      if (finding !== undefined) this.#findings.push(`after ${when}: ${finding}`);
    }
  }
}
