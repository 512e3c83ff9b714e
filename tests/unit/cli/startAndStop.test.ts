import { strict as assert } from "node:assert";
import { type Seen, startStep, stopStep } from "../../../cli/local/startAndStop";

/** A process of the local Azure. `folder`: the state folder that it has open, counted up when someone deletes it. */
interface Azure {
  readonly phase: "loading" | "locked" | "listening" | "ready" | "ending" | "beaten" | "failed" | "killed" | "gone";
  readonly folder: number;
}
interface Command {
  readonly goal: "up" | "stop";
  readonly result?: string;
  readonly child?: number;
  readonly before?: Seen;
}
interface World {
  readonly commands: readonly Command[];
  readonly azures: readonly Azure[];
  /** The command that holds start.lock. */
  readonly holder?: number;
  readonly folder: number;
  /** Processes that the files name. */
  readonly ready?: number;
  readonly launched?: number;
  readonly hasPorts: boolean;
  readonly isTakenByOther: boolean;
  readonly mishaps: readonly string[];
}

const OVER = ["beaten", "failed", "killed", "gone"];
const hasLock = (world: World, { phase, folder }: Azure) =>
  folder === world.folder && ["locked", "listening", "ready", "ending"].includes(phase);
const replaced = <T>(list: readonly T[], index: number, change: Partial<T>): T[] =>
  list.map((each, at) => (at === index ? { ...each, ...change } : each));

function look(world: World, { child }: Command): Seen & { readonly pid: number | undefined } {
  const { azures, ready, launched, folder } = world;
  const running = ready !== undefined && azures[ready]?.phase === "ready";
  const locking = azures.findIndex((azure) => hasLock(world, azure));
  const isLaunched = launched !== undefined && !OVER.includes(azures[launched]?.phase ?? "gone");
  const pid = running ? ready : locking >= 0 ? locking : isLaunched ? launched : undefined;
  const phase = child === undefined ? undefined : azures[child]?.phase;
  const isLost = child !== undefined && azures[child]?.folder !== folder;
  const ended =
    phase === "beaten" || (phase === "gone" && isLost) ? "lost" : phase && OVER.includes(phase) ? "failed" : undefined;
  const listening = azures.some((each) => ["listening", "ready"].includes(each.phase) && each.folder === folder);
  const portTaken = world.hasPorts && pid === undefined && (world.isTakenByOther || listening);
  return { running, busy: pid !== undefined, portTaken, ended, late: false, pid };
}

/** The world after one look of a command and its step; undefined when it has ended or waits for start.lock. */
function commandMoves(world: World, index: number): World | undefined {
  const command = world.commands[index];
  if (command === undefined || command.result !== undefined) return undefined;
  const { pid, ...seen } = look(world, command);
  const end = (result: string, more: Partial<World> = {}): World => ({
    ...world,
    holder: world.holder === index ? undefined : world.holder,
    commands: replaced(world.commands, index, { result, before: undefined, child: undefined }),
    ...more,
  });
  if (command.goal === "stop") {
    const step = stopStep(seen);
    if (step === "done") return end("stopped");
    const phase = pid === undefined ? undefined : world.azures[pid]?.phase;
    if (pid === undefined || phase === "ending") return undefined;
    return { ...world, azures: replaced(world.azures, pid, { phase: step === "request" ? "ending" : "killed" }) };
  }
  if (world.holder !== undefined && world.holder !== index) return seen.running ? end("use") : undefined;
  const step = startStep(seen, command.before);
  if (step === "use" || step === "portTaken" || step === "failed" || step === "abandon") return end(step);
  const commands = replaced(world.commands, index, { before: seen });
  if (step === "wait") return { ...world, holder: index, commands };
  const child = world.azures.length;
  return {
    ...world,
    holder: index,
    commands: replaced(commands, index, { child }),
    azures: [...world.azures, { phase: "loading", folder: world.folder }],
    launched: child,
  };
}

function azureMoves(world: World, index: number): World | undefined {
  const azure = world.azures[index];
  if (azure === undefined) return undefined;
  const to = (phase: Azure["phase"], more: Partial<World> = {}): World => ({
    ...world,
    azures: replaced(world.azures, index, { phase, folder: phase === "locked" ? world.folder : azure.folder }),
    ...more,
  });
  const isLost = azure.folder !== world.folder;
  switch (azure.phase) {
    case "loading":
      return to(world.azures.some((each) => hasLock(world, each)) ? "beaten" : "locked");
    case "locked":
      return world.hasPorts && world.isTakenByOther ? to("failed") : to("listening", isLost ? {} : { hasPorts: true });
    case "listening":
      return isLost ? to("ending") : to("ready", { ready: index });
    case "ready":
      if (isLost) return to("ending");
      return world.ready === index ? undefined : { ...world, ready: index };
    case "ending":
      return to("gone", world.ready === index ? { ready: undefined } : {});
    default:
      return undefined;
  }
}

/** What can happen to a checkout from outside, each at any moment. */
function mishaps(world: World): World[] {
  const found: [string, Partial<World>][] = [
    ["ready.json", { ready: undefined }],
    ["ports.json", { hasPorts: false }],
    ["launched", { launched: undefined }],
    ["lock", { folder: world.folder + 1, hasPorts: world.hasPorts }],
    [".local", { folder: world.folder + 1, ready: undefined, launched: undefined, hasPorts: false, holder: undefined }],
    ["port", { isTakenByOther: true }],
    ...world.azures.flatMap(({ phase }, at): [string, Partial<World>][] =>
      OVER.includes(phase) ? [] : [["kill", { azures: replaced(world.azures, at, { phase: "killed" }) }]],
    ),
    ...world.commands.flatMap(({ result }, at): [string, Partial<World>][] =>
      result !== undefined
        ? []
        : [
            [
              "interrupt",
              {
                commands: replaced(world.commands, at, { result: "interrupted", child: undefined, before: undefined }),
                holder: world.holder === at ? undefined : world.holder,
              },
            ],
          ],
    ),
  ];
  return found
    .filter(([name]) => name !== "port" || !world.azures.some(({ phase }) => ["listening", "ready"].includes(phase)))
    .map(([name, change]) => ({ ...world, ...change, mishaps: [...world.mishaps, name] }));
}

function explore(goals: readonly Command["goal"][], limit: number): { worlds: number; results: Set<string> } {
  const first: World = {
    commands: goals.map((goal) => ({ goal })),
    azures: [],
    folder: 0,
    hasPorts: false,
    isTakenByOther: false,
    mishaps: [],
  };
  const known = new Set([JSON.stringify(first)]);
  const open = [first];
  const results = new Set<string>();
  for (let world = open.pop(); world; world = open.pop()) {
    const here = world;
    const moves = [
      ...here.commands.map((_, at) => commandMoves(here, at)),
      ...here.azures.map((_, at) => azureMoves(here, at)),
    ].filter((next) => next !== undefined);
    const same = JSON.stringify(here);
    const different = moves.filter((next) => JSON.stringify(next) !== same);
    const holds = (isTrue: boolean, otherwise: string): void => {
      if (!isTrue) assert.fail(`${otherwise}: ${JSON.stringify(here, null, 1)}`);
    };
    const locking = here.azures.filter((azure) => hasLock(here, azure));
    holds(locking.length <= 1, "two hold one lock");
    for (const { result } of here.commands) {
      if (result === undefined) continue;
      results.add(result);
      if (result === "portTaken") holds(here.isTakenByOther, "the port was free");
      if (result === "failed")
        holds(
          here.isTakenByOther || here.mishaps.includes("kill") || goals.includes("stop"),
          "it failed for no reason",
        );
    }
    if (different.length === 0) {
      holds(
        here.commands.every(({ result }) => result !== undefined),
        "a command waits for ever",
      );
      for (const azure of here.azures) {
        holds(OVER.includes(azure.phase) || azure.folder === here.folder, "a stray process remains");
      }
    }
    const next = here.mishaps.length < limit ? [...different, ...mishaps(here)] : different;
    for (const each of next) {
      const key = JSON.stringify(each);
      if (known.has(key)) continue;
      known.add(key);
      open.push(each);
    }
  }
  return { worlds: known.size, results };
}

describe("cli/local/startAndStop", function () {
  this.timeout(60_000);

  it("ends every interleaving of two starts with two mishaps: each start uses a live one, or says what is true", () => {
    const { worlds, results } = explore(["up", "up"], 2);
    assert.ok(worlds > 1000, String(worlds));
    assert.deepEqual([...results].sort(), ["failed", "interrupted", "portTaken", "use"]);
  });

  it("ends every interleaving of a start and a stop with a mishap", () => {
    const { results } = explore(["up", "stop"], 1);
    assert.ok(results.has("stopped") && results.has("use"));
  });

  it("goes on after a start that was interrupted at any moment, without an error", () => {
    const { results } = explore(["up"], 0);
    assert.deepEqual([...results], ["use"]);
  });

  it("gives up and kills only after its patience", () => {
    const seen = { running: false, busy: true, portTaken: false, late: true };
    assert.equal(startStep(seen), "abandon");
    assert.equal(stopStep(seen), "kill");
  });
});
