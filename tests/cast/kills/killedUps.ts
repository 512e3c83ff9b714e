import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { PROJECT } from "../../../cli/checkoutPaths";
import { stateFile } from "../../../cli/pulumi/stackState";
import { type CommandEnd, listing, type RunningCommand } from "../checkout";
import { SeededRandom } from "../fuzz/seededRandom";
import { InterruptedCheckout } from "../interrupted";
import { expectedInventory, inventoryOf, type StackOutputs } from "./azureInventory";
import { endMoment, type KillMoment, momentText, prepareMoment, reached, someMoment } from "./killMoment";
import { killVictim, VICTIMS } from "./runProcesses";
import {
  CREATION,
  DELETION,
  ENROLLMENT_FILES,
  FIRST_SETTINGS,
  type StackChange,
  type StackSettings,
  someChanges,
} from "./stackChanges";

/** Milliseconds after which a command counts as hanging. */
const PATIENCE = 300_000;
/** Every so many kills, a preview with a refresh must show no change. */
const PREVIEW_EVERY = 5;
/** The most findings of a run, each of which costs a new environment. */
const FINDINGS = 5;
const SECRET = /PRIVATE KEY|SharedAccessKey=(?!\*)/;

/** What a run of kills found. */
export interface KilledUpsReport {
  readonly findings: readonly string[];
  readonly kills: number;
  /** Kills after which the next command went on. */
  readonly continued: number;
  /** Commands that ended before their moment came. */
  readonly missed: number;
}

/** An attempt to kill a command: all of it follows from the seed. */
interface Attempt {
  readonly changes: readonly StackChange[];
  readonly command: "up" | "down";
  /** Whether the stack is destroyed before. */
  readonly isFresh: boolean;
  readonly moment: KillMoment;
  readonly victim: (typeof VICTIMS)[number];
  /** What goes on: `again` is the next attempt, with a kill of its own. */
  readonly next: "up" | "down" | "again";
  /** Changes between the kill and what goes on. */
  readonly changesAfter: readonly StackChange[];
}

function attemptOf(random: SeededRandom): Attempt {
  const changes = someChanges(random);
  const kind = random.next();
  const command = kind < 0.15 ? "down" : "up";
  const isFresh = kind >= 0.15 && kind < 0.35;
  const changed = changes.flatMap(({ requests }) => requests);
  const requests = command === "down" ? DELETION : isFresh ? CREATION : changed;
  const moment = someMoment(random, requests);
  const victim = random.pick(VICTIMS);
  const way = random.next();
  const next = way < 0.4 ? "again" : command === "down" && way < 0.7 ? "down" : "up";
  const changesAfter = random.chance(0.2) ? someChanges(random) : [];
  return { changes, command, isFresh, moment, victim, next, changesAfter };
}

/** Kills `up` and `down` again and again, and goes on each time with the next command as a user does. */
export async function killedUps(options: {
  readonly seed: number;
  readonly kills: number;
  readonly print: (line: string) => void;
}): Promise<KilledUpsReport> {
  const run = new KilledUps(options.seed, options.print);
  try {
    return await run.run(options.kills);
  } finally {
    await run.remove();
  }
}

class KilledUps {
  readonly #checkout = new InterruptedCheckout();
  readonly #seed: number;
  readonly #print: (line: string) => void;
  readonly #committed = readFileSync(this.#settingsFile, "utf8");
  readonly #findings: string[] = [];
  #settings: StackSettings = FIRST_SETTINGS;
  /** The kills since a command went on. */
  #open: string[] = [];
  #kills = 0;
  #continued = 0;
  #missed = 0;
  /** How many kills there were at the last preview. */
  #previewed = 0;

  constructor(seed: number, print: (line: string) => void) {
    this.#seed = seed;
    const start = performance.now();
    this.#print = (line) => print(`${((performance.now() - start) / 1000).toFixed()} s: ${line}`);
    for (const [name, text] of Object.entries(ENROLLMENT_FILES)) writeFileSync(join(this.#checkout.folder, name), text);
  }

  get #settingsFile(): string {
    return join(this.#checkout.folder, "Pulumi.dev.yaml");
  }

  async run(kills: number): Promise<KilledUpsReport> {
    for (let attempt = 1; this.#kills < kills && this.#findings.length < FINDINGS; attempt += 1) {
      const before = this.#findings.length;
      // A generator for each attempt, so that the outcome of one changes no other.
      await this.#attempt(attempt, attemptOf(new SeededRandom(this.#seed * 100_003 + attempt)));
      if (this.#findings.length > before) await this.#startAgain();
    }
    if (this.#open.length > 0) await this.#goOn("up");
    if (this.#findings.length === 0) await this.#end();
    return { findings: this.#findings, kills: this.#kills, continued: this.#continued, missed: this.#missed };
  }

  remove(): Promise<void> {
    return this.#checkout.remove();
  }

  async #attempt(number: number, attempt: Attempt): Promise<void> {
    const { command, isFresh, moment, victim } = attempt;
    this.#change(attempt.changes);
    if (isFresh && this.#open.length === 0) await this.#finish(this.#checkout.begin("down"));
    if (moment.kind === "request") {
      const start = await this.#checkout.zero("local", "start");
      if (start.code !== 0) return this.#find("local start fails", start);
      await prepareMoment(this.#checkout, moment);
    }
    const running = this.#checkout.begin(command);
    const names = attempt.changes.map(({ name }) => name).join(", ");
    const what = `${number}: ${isFresh ? "fresh " : ""}${command} (${names})`;
    if (!(await reached(this.#checkout, moment, running))) {
      this.#missed += 1;
      this.#print(`${what}: ended before it was killed ${momentText(moment)}`);
      await endMoment(this.#checkout, moment);
      return this.#judge(command, await running.ended);
    }
    const killed = killVictim(this.#checkout, victim);
    this.#kills += 1;
    this.#open.push(`${what}: ${killed} killed ${momentText(moment)}`);
    this.#print(`kill ${this.#kills}, ${this.#open.at(-1)}`);
    await this.#finish(running);
    await endMoment(this.#checkout, moment);
    if (attempt.next === "again") return;
    if (attempt.changesAfter.length > 0) {
      this.#open.push(`changed ${attempt.changesAfter.map(({ name }) => name).join(", ")}`);
      this.#change(attempt.changesAfter);
    }
    await this.#goOn(attempt.next);
  }

  /** Edits Pulumi.dev.yaml. */
  #change(changes: readonly StackChange[]): void {
    for (const change of changes) this.#settings = change.apply(this.#settings);
    const stack = parse(this.#committed) as { config: Record<string, unknown> };
    for (const [key, value] of Object.entries(this.#settings)) stack.config[`${PROJECT}:${key}`] = value;
    writeFileSync(this.#settingsFile, stringify(stack));
  }

  async #goOn(command: "up" | "down"): Promise<void> {
    await this.#judge(command, await this.#finish(this.#checkout.begin(command)));
  }

  /** The end of a command; one that hangs is a finding. */
  async #finish(running: RunningCommand): Promise<CommandEnd> {
    const late = new AbortController();
    const timer = pause(PATIENCE, "late" as const, { signal: late.signal }).catch(() => "ended" as const);
    const first = await Promise.race([running.ended, timer]);
    late.abort();
    if (first !== "late" && first !== "ended") return first;
    for (const { pid } of this.#checkout.processes()) process.kill(pid, "SIGKILL");
    const end = await running.ended;
    this.#find(`a command hangs for ${PATIENCE / 1000} seconds`, end);
    return end;
  }

  /** Judges a command that nothing disturbed. */
  async #judge(command: "up" | "down", end: CommandEnd): Promise<void> {
    if (end.code !== 0) return this.#find(`the next ${command} does not go on`, end);
    const errors = command === "up" ? await this.#environmentErrors(end) : this.#leftovers();
    if (errors.length > 0) return this.#find(`after the next ${command}: ${errors.join("\n")}`, end);
    this.#continued += this.#open.filter((each) => !each.startsWith("changed")).length;
    this.#open = [];
  }

  async #environmentErrors({ stdout, stderr }: CommandEnd): Promise<readonly string[]> {
    const errors: string[] = [];
    const { outputs = {}, pending = [] } = this.#checkout.state ?? {};
    if (pending.length > 0)
      errors.push(`pending operations: ${JSON.stringify(pending.map(({ resource }) => resource.urn))}`);
    if (!/The environment is deployed on the local Azure\./.test(stdout)) errors.push("no summary");
    if (!/Root certificate +\S+, verified/.test(stdout)) errors.push("the root is not verified");
    const revoked = this.#settings.revoked as readonly string[];
    const { devices = [] } = outputs as StackOutputs;
    const works = ({ status, telemetry }: (typeof devices)[number]) =>
      status === "assigned" && telemetry?.accepted === 204;
    const broken = devices.filter((each) =>
      revoked.includes(each.registrationId) ? each.status !== "disabled" : !works(each),
    );
    if (broken.length > 0) errors.push(`devices: ${JSON.stringify(broken)}`);
    errors.push(...(await this.#inventoryErrors(outputs as StackOutputs)));
    const azureLog = readFileSync(join(this.#checkout.paths.azure, "log"), "utf8");
    const { clientSecret } = this.#checkout.ready;
    const texts = {
      stdout,
      stderr,
      "the log": azureLog,
      "the state": readFileSync(stateFile(this.#checkout.paths), "utf8"),
    };
    for (const [name, text] of Object.entries(texts)) {
      if (SECRET.test(text) || text.includes(clientSecret)) errors.push(`a secret in ${name}`);
    }
    errors.push(...this.#orphans());
    if (errors.length === 0 && Math.floor(this.#kills / PREVIEW_EVERY) > Math.floor(this.#previewed / PREVIEW_EVERY)) {
      this.#previewed = this.#kills;
      const preview = await this.#checkout.zero("preview", "--refresh", "--expect-no-changes", "--diff");
      if (preview.code !== 0) errors.push(`a preview shows changes:\n${preview.stdout}${preview.stderr}`);
    }
    return errors;
  }

  async #inventoryErrors(outputs: StackOutputs): Promise<readonly string[]> {
    const found = await inventoryOf(this.#checkout.ready);
    const expected = expectedInventory(this.#settings, outputs, ENROLLMENT_FILES);
    // A revoked device keeps the identity that it had, under its ID of then, and gets none where it had none.
    const revoked = this.#revokedDevices(outputs);
    const names = (kind: string, all: readonly string[] = []) =>
      JSON.stringify(kind === "devices" ? all.filter((name) => !revoked.has(name)) : all);
    return Object.entries(expected)
      .map(([kind, wanted]) => [kind, names(kind, found[kind]), names(kind, wanted)] as const)
      .flatMap(([kind, is, wanted]) => (is === wanted ? [] : [`${kind}: ${is}, not ${wanted}`]));
  }

  /** Registration IDs and device IDs of the revoked devices: in the settings, and in the stack's outputs. */
  #revokedDevices({ devices = [] }: StackOutputs): ReadonlySet<string> {
    const ids = this.#settings.revoked as readonly string[];
    const individuals = this.#settings.individualDevices as readonly string[];
    return new Set([
      ...ids,
      ...individuals
        .filter((each) => ids.some((id) => each.startsWith(`${id}=`)))
        .map((each) => each.split("=")[1] ?? ""),
      ...devices.filter(({ registrationId }) => ids.includes(registrationId)).map(({ deviceId }) => deviceId),
    ]);
  }

  /** Processes of the checkout but the local Azure. */
  #orphans(): readonly string[] {
    const azure = this.#checkout.ready.pid;
    return this.#checkout
      .processes()
      .filter(({ pid }) => pid !== azure)
      .map(({ args }) => `a process is left: ${args}`);
  }

  #leftovers(): readonly string[] {
    const left = this.#checkout.processes().map(({ args }) => `a process is left: ${args}`);
    return this.#checkout.state === undefined ? left : [...left, "the state is left"];
  }

  #find(what: string, { code, stdout, stderr }: CommandEnd): void {
    const history = this.#open.map((each) => `  ${each}`).join("\n");
    const settings = JSON.stringify(this.#settings);
    const text = `${what} (code ${code})\n${history}\nsettings: ${settings}\nstdout:\n${stdout}\nstderr:\n${stderr}`;
    this.#print(`FINDING: ${text}`);
    this.#findings.push(text);
  }

  /** After a finding: an empty environment. */
  async #startAgain(): Promise<void> {
    this.#open = [];
    await this.#checkout.zero("down", "--force");
  }

  /** At the end, `down` leaves nothing. */
  async #end(): Promise<void> {
    const preview =
      this.#checkout.state === undefined ? undefined : await this.#checkout.zero("preview", "--expect-no-changes");
    if (preview !== undefined && preview.code !== 0) this.#find("the last preview shows changes", preview);
    for (const name of Object.keys(ENROLLMENT_FILES)) rmSync(join(this.#checkout.folder, name));
    writeFileSync(this.#settingsFile, this.#committed);
    await this.#checkout.assertDown();
    const left = listing().filter(({ args }) => args.includes(this.#checkout.folder));
    if (left.length > 0) this.#findings.push(`processes are left: ${JSON.stringify(left)}`);
  }
}
