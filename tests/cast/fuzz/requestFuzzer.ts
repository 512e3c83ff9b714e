import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type LocalAzure, startLocalAzure } from "../../../emulator/localAzure";
import { bodyErrors } from "../../../emulator/schemas/bodyErrors";
import { failureLog } from "./failureLog";
import { SCHEMAS } from "./fuzzCorpus";
import { bodyChanges, changeBody, type Mutant, mutate } from "./fuzzMutations";
import { type FuzzRoute, fuzzRoutes } from "./fuzzRoutes";
import { type FuzzRequest, FuzzWorld, requestBytes } from "./fuzzWorld";
import { RawHttp, type RawResponse } from "./rawHttp";
import { SeededRandom } from "./seededRandom";
import { learnShape, nameErrors, shapeErrors } from "./wireShape";

/** Milliseconds that a response may take. */
const SLOW = 2000;
/** Requests after which what was deleted is created again. */
const RESTORED_EVERY = 100;
/** Shares of the changes of one value of a body: one of them takes a minute. */
const SHARES = 10;
/** Operations that delete most of the state; they come less often. */
const DEVASTATING = [
  "Reset",
  "ResourceGroups_Delete",
  "IotHubResource_Delete",
  "IotDpsResource_Delete",
  "Vaults_Delete",
];

/** What a run of the fuzzer found. */
export interface FuzzReport {
  /** One text for each kind of finding, with the first request that showed it. */
  readonly findings: readonly string[];
  /** How often each status came. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Operations that returned 2xx to some request. */
  readonly succeeded: ReadonlySet<string>;
  readonly routes: readonly FuzzRoute[];
  /** Accepted writes that were read back. */
  readonly readBack: number;
  /** Bytes by which the heap grew between the middle and the end; undefined where it is not measured. */
  readonly heapGrowth: number | undefined;
}

/**
 * Starts a local Azure and sends it mutated requests, one after another. `measuresHeap`: default false; among all unit tests,
 * whose heap is large, it takes 4 s of the processor.
 */
export const fuzzRequests = (given: {
  readonly seed: number;
  readonly count: number;
  readonly measuresHeap?: boolean;
}): Promise<FuzzReport> => withFuzzer(given.seed, (fuzzer) => fuzzer.run(given.count, given.measuresHeap ?? false));

/**
 * Starts a local Azure and sends it a share of all requests in which one value of the body is replaced by an odd one. As many seeds
 * in a row as there are shares send all of them.
 */
export const sweepBodies = ({ seed }: { readonly seed: number }): Promise<FuzzReport> =>
  withFuzzer(seed, (fuzzer) => fuzzer.sweep());

async function withFuzzer<T>(seed: number, use: (fuzzer: RequestFuzzer) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const failures: string[] = [];
  const azure = await startLocalAzure(folder, failureLog(failures));
  const http = new RawHttp(readFileSync(azure.ready.caFile, "utf8"));
  try {
    return await use(new RequestFuzzer(azure, http, seed, failures));
  } finally {
    http.close();
    await azure.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The heap in bytes after everything unused is freed. */
function usedHeap(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let times = 0; times < 3; times += 1) collect();
  return process.memoryUsage().heapUsed;
}

const isJson = ({ headers, body }: RawResponse): boolean =>
  /json/.test(headers["content-type"] ?? "") && body.length > 0;

class RequestFuzzer {
  readonly #world: FuzzWorld;
  readonly #random: SeededRandom;
  readonly #seed: number;
  /** Stacks of internal errors since the last request. */
  readonly #failures: string[];
  readonly #findings = new Map<string, string>();
  readonly #statuses = new Map<number, number>();
  readonly #succeeded = new Set<string>();
  readonly #shapes = new Map<string, Map<string, Set<string>>>();
  #index = 0;
  #readBack = 0;
  #isDamaged = false;

  constructor({ ready }: LocalAzure, http: RawHttp, seed: number, failures: string[]) {
    this.#world = new FuzzWorld(ready, http, fuzzRoutes());
    this.#random = new SeededRandom(seed);
    this.#seed = seed;
    this.#failures = failures;
  }

  /** Sends one in {@link SHARES} of all changes of one value of a body, by the seed. */
  async sweep(): Promise<FuzzReport> {
    await this.#learnShapes();
    const changes = this.#world.routes.flatMap((route) =>
      bodyChanges(this.#world.valid(route).body).map((change) => [route, change] as const),
    );
    for (const [route, change] of changes.filter((_, at) => at % SHARES === this.#seed % SHARES)) {
      if (this.#index % RESTORED_EVERY === 0 && this.#isDamaged) await this.#restore();
      await this.#send(changeBody(this.#world.valid(route), change));
      this.#index += 1;
    }
    return this.#report(undefined);
  }

  async run(count: number, measuresHeap: boolean): Promise<FuzzReport> {
    await this.#learnShapes();
    const middle = Math.floor(count / 2);
    const heap = async (): Promise<number> => {
      await this.#restore();
      return measuresHeap ? usedHeap() : Number.NaN;
    };
    let before = Number.NaN;
    for (this.#index = 0; this.#index < count; this.#index += 1) {
      if (this.#index === middle) before = await heap();
      else if (this.#index % RESTORED_EVERY === 0 && this.#isDamaged) await this.#restore();
      await this.#step();
    }
    const growth = (await heap()) - before;
    return this.#report(measuresHeap ? growth : undefined);
  }

  #report(heapGrowth: number | undefined): FuzzReport {
    return {
      findings: [...this.#findings.values()],
      statuses: this.#statuses,
      succeeded: this.#succeeded,
      routes: this.#world.routes,
      readBack: this.#readBack,
      heapGrowth,
    };
  }

  async #restore(): Promise<void> {
    await this.#world.restore();
    this.#isDamaged = false;
  }

  /** Notes the types of what every operation returns to its valid request. */
  async #learnShapes(): Promise<void> {
    await this.#restore();
    for (const route of this.#world.routes) {
      const response = route.method === "GET" ? await this.#world.send(this.#world.valid(route)) : undefined;
      if (!response || response.status >= 300 || !isJson(response)) continue;
      const shape = new Map<string, Set<string>>();
      learnShape(shape, JSON.parse(response.body.toString("utf8")));
      this.#shapes.set(route.name, shape);
    }
  }

  #route(): FuzzRoute {
    const route = this.#random.pick(this.#world.routes);
    return DEVASTATING.includes(route.name) && this.#random.chance(0.75) ? this.#route() : route;
  }

  async #step(): Promise<void> {
    const route = this.#route();
    const valid = this.#world.valid(route);
    await this.#send(
      this.#random.chance(0.05) ? { request: valid, isWhole: true, mutations: [] } : mutate(valid, this.#random),
    );
  }

  async #send(mutant: Mutant): Promise<void> {
    let response = await (mutant.mutations.length === 0
      ? this.#world.sendValid(mutant.request)
      : this.#world.send(mutant.request, mutant.isWhole));
    // A slow machine is no finding: the second time it is quick.
    if (response && !(response.ms <= SLOW)) response = await this.#world.send(mutant.request, mutant.isWhole);
    await this.#judge(mutant, response);
    await this.#repair(mutant.request.route, response);
  }

  async #judge({ request, isWhole, mutations }: Mutant, response: RawResponse | undefined): Promise<void> {
    const found = (kind: string, more = ""): void => this.#found(kind, request, mutations, more);
    if (Reflect.ownKeys(Object.prototype).some((key) => key === "polluted"))
      found("the prototype of objects is polluted");
    if (!response) {
      if (isWhole) found("the connection was closed without a response");
      return;
    }
    const { status, ms } = response;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (Number.isNaN(status)) return found("no response");
    const text = response.body.toString("utf8");
    if (status >= 500 && status !== 501) found(`status ${status}`, text.slice(0, 500));
    if (ms > SLOW) found("slow", `${Math.round(ms)} ms`);
    if (isJson(response)) {
      try {
        JSON.parse(text);
      } catch {
        found("a body that is no JSON", text.slice(0, 500));
      }
    }
    if (status >= 200 && status < 300) {
      this.#succeeded.add(request.route.name);
      await this.#judgeWritten(request, mutations);
    }
  }

  /** Reads an accepted write back, and judges what is there now. */
  async #judgeWritten(request: FuzzRequest, mutations: readonly string[]): Promise<void> {
    const reader = this.#readerOf(request);
    if (!reader) return;
    const response = await this.#world.send(reader);
    const found = (kind: string, more: string): void => this.#found(kind, request, mutations, more);
    // The write disabled the secret, which then has no reader.
    if (response?.status === 403 && response.body.includes('"SecretDisabled"')) return;
    if (!response || response.status >= 300) {
      return found(
        `accepted, and then reading it returns ${response?.status}`,
        response?.body.toString("utf8").slice(0, 500) ?? "",
      );
    }
    this.#readBack += 1;
    if (!isJson(response)) return;
    const value: unknown = JSON.parse(response.body.toString("utf8"));
    const shape = this.#shapes.get(reader.route.name) ?? new Map<string, Set<string>>();
    const schema = SCHEMAS[reader.route.name];
    const broken = schema === undefined ? [] : bodyErrors(schema, value).map(({ field, rule }) => `${field} ${rule}`);
    for (const error of [...shapeErrors(shape, value), ...nameErrors(value), ...broken])
      found(`accepted, but ${error}`, "");
  }

  /** The valid request that reads what a request has written; undefined where no operation reads it. */
  #readerOf({ route, segments, method }: FuzzRequest): FuzzRequest | undefined {
    if (!["PUT", "PATCH", "POST"].includes(route.method) || method !== route.method || route.service === "control")
      return undefined;
    const pattern = route.path.split("/").slice(1);
    if (segments.length !== pattern.length) return undefined;
    // What is recovered or purged is no longer among what is deleted; a query reads others.
    if (/(Recover|Purge)Deleted|_Query$/.test(route.name)) return undefined;
    const isAction = route.method === "POST" && !pattern.at(-1)?.startsWith(":");
    const length = isAction ? pattern.length - 1 : pattern.length;
    const path = `/${pattern.slice(0, length).join("/")}`;
    const read = this.#world.routes.find(
      (each) => each.method === "GET" && each.service === route.service && each.path === path,
    );
    return read && { ...this.#world.valid(read), segments: segments.slice(0, length) };
  }

  async #repair({ name, method, service }: FuzzRoute, response: RawResponse | undefined): Promise<void> {
    const isDone = response !== undefined && response.status < 300;
    if (isDone && (DEVASTATING.includes(name) || (service === "control" && method === "POST"))) await this.#restore();
    else if (isDone && method !== "GET") this.#isDamaged = true;
  }

  #found(kind: string, request: FuzzRequest, mutations: readonly string[], more: string): void {
    const failure = this.#failures.splice(0)[0];
    // One internal error shows at many operations.
    const key = failure ?? `${request.route.service} ${request.route.name}: ${kind}`;
    if (this.#findings.has(key)) return;
    const bytes = requestBytes(request)
      .toString("latin1")
      .replace(/authorization: [^\r]{40,}/gi, "authorization: …");
    const shown = bytes.length > 3000 ? `${bytes.slice(0, 3000)}… (${bytes.length} bytes)` : bytes;
    const where = `seed ${this.#seed}, request ${this.#index}, changed: ${mutations.join(", ") || "nothing"}`;
    this.#findings.set(
      key,
      `${request.route.service} ${request.route.name}: ${kind}\n  ${where}\n  ${failure ?? more}\n${shown.replace(/^/gm, "    ")}`,
    );
  }
}
