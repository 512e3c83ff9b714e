import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { PROJECT } from "../../../cli/checkoutPaths";
import { type CommandEnd, listing, type RunningCommand } from "../checkout";
import { InterruptedCheckout } from "../interrupted";
import { environmentErrors } from "./environmentErrors";
import { type KillAttempt, killAttempt } from "./killAttempt";
import { endMoment, momentText, prepareMoment, reached } from "./killMoment";
import { killVictim } from "./runProcesses";
import { ENROLLMENT_FILES, FIRST_SETTINGS, type StackChange, type StackSettings } from "./stackChanges";

/** Milliseconds after which a command counts as hanging. */
const TIMEOUT_MS = 300_000;
/** Every so many times that a command goes on, a preview with a refresh must show no change. */
const PREVIEW_EVERY = 3;
/** The most findings of a run, each of which costs a new environment. */
const FINDINGS = 5;

/** What a run of kills found. */
export interface KilledUpsReport {
  readonly findings: readonly string[];
  readonly kills: number;
  /** Kills after which the next command went on. */
  readonly continued: number;
  /** Commands that ended before their moment came. */
  readonly missed: number;
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
  /** What happened since a command went on. */
  #history: string[] = [];
  #kills = 0;
  /** Kills since a command went on. */
  #open = 0;
  #continued = 0;
  #missed = 0;
  #whole = 0;

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
      // A seed for each attempt, so that the outcome of one changes no other.
      await this.#attempt(attempt, killAttempt(this.#seed * 100_003 + attempt));
      if (this.#findings.length > before) await this.#startAgain();
    }
    if (this.#history.length > 0) await this.#goOn("up");
    if (this.#findings.length === 0) await this.#end();
    return { findings: this.#findings, kills: this.#kills, continued: this.#continued, missed: this.#missed };
  }

  remove(): Promise<void> {
    return this.#checkout.remove();
  }

  async #attempt(number: number, attempt: KillAttempt): Promise<void> {
    const { command, isFresh, moment, victim } = attempt;
    this.#change(attempt.changes);
    if (isFresh && this.#history.length === 0) await this.#goOn("down");
    if (moment.kind === "request") {
      const start = await this.#checkout.zero("local", "start");
      if (start.code !== 0) return this.#find("the local Azure does not start", start);
      await prepareMoment(this.#checkout, moment);
    }
    const running = this.#checkout.begin(command);
    const what = `${number}: ${isFresh ? "fresh " : ""}${command} (${namesOf(attempt.changes)})`;
    if (!(await reached(this.#checkout, moment, running))) {
      this.#missed += 1;
      this.#print(`${what}: ended before it was killed ${momentText(moment)}`);
      await endMoment(this.#checkout, moment);
      return this.#judge(command, await running.ended);
    }
    const killed = killVictim(this.#checkout, victim);
    this.#kills += 1;
    this.#open += 1;
    this.#history.push(`${what}: ${killed} killed ${momentText(moment)}`);
    this.#print(`kill ${this.#kills}, ${this.#history.at(-1)}`);
    await this.#finish(running);
    await endMoment(this.#checkout, moment);
    if (attempt.next === "again") return;
    if (attempt.changesAfter.length > 0) {
      this.#history.push(`changed ${namesOf(attempt.changesAfter)}`);
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
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killVictim(this.#checkout, "whole machine");
    }, TIMEOUT_MS);
    const end = await running.ended;
    clearTimeout(timer);
    if (isLate) this.#find(`a command hangs for ${TIMEOUT_MS / 1000} seconds`, end);
    return end;
  }

  /** Judges a command that nothing disturbed. */
  async #judge(command: "up" | "down", end: CommandEnd): Promise<void> {
    if (end.code !== 0) return this.#find(`the next ${command} does not go on`, end);
    const errors = command === "up" ? await environmentErrors(this.#checkout, this.#settings, end) : this.#leftovers();
    if (errors.length > 0) return this.#find(`after the next ${command}: ${errors.join("\n")}`, end);
    this.#continued += this.#open;
    this.#open = 0;
    this.#history = [];
    if (command === "down") return;
    this.#whole += 1;
    if (this.#whole % PREVIEW_EVERY === 0) await this.#preview("--refresh", "--diff");
  }

  async #preview(...args: string[]): Promise<void> {
    const preview = await this.#checkout.zero("preview", "--expect-no-changes", ...args);
    const isClean = preview.code === 0 && !preview.stdout.includes("[unknown]");
    if (!isClean) this.#find("a preview of the whole environment shows changes", preview);
  }

  #leftovers(): readonly string[] {
    const left = this.#checkout.processes().map(({ args }) => `a process is left: ${args}`);
    return this.#checkout.state === undefined ? left : [...left, "the state is left"];
  }

  #find(what: string, { code, stdout, stderr }: CommandEnd): void {
    const history = this.#history.map((each) => `  ${each}`).join("\n");
    const settings = JSON.stringify(this.#settings);
    const text = `${what} (code ${code})\n${history}\nsettings: ${settings}\nstdout:\n${stdout}\nstderr:\n${stderr}`;
    this.#print(`FINDING: ${text}`);
    this.#findings.push(text);
  }

  /** After a finding: an empty environment. */
  async #startAgain(): Promise<void> {
    this.#history = [];
    this.#open = 0;
    await this.#checkout.zero("down", "--force");
  }

  /** At the end, `down` leaves nothing. */
  async #end(): Promise<void> {
    if (this.#checkout.state !== undefined) await this.#preview();
    for (const name of Object.keys(ENROLLMENT_FILES)) rmSync(join(this.#checkout.folder, name));
    writeFileSync(this.#settingsFile, this.#committed);
    await this.#checkout.assertDown();
    const left = listing().filter(({ args }) => args.includes(this.#checkout.folder));
    if (left.length > 0) this.#findings.push(`processes are left: ${JSON.stringify(left)}`);
  }
}

const namesOf = (changes: readonly StackChange[]): string => changes.map(({ name }) => name).join(", ");
