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
interface FakeProcesses {
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
const hasLock = (processes: FakeProcesses, { phase, folder }: Azure) =>
  folder === processes.folder && ["locked", "listening", "ready", "ending"].includes(phase);
const replaced = <T>(list: readonly T[], index: number, change: Partial<T>): T[] =>
  list.map((each, at) => (at === index ? { ...each, ...change } : each));

function look(processes: FakeProcesses, { child }: Command): Seen & { readonly pid: number | undefined } {
  const { azures, ready, launched, folder } = processes;
  const running = ready !== undefined && azures[ready]?.phase === "ready";
  const locking = azures.findIndex((azure) => hasLock(processes, azure));
  const isLaunched = launched !== undefined && !OVER.includes(azures[launched]?.phase ?? "gone");
  const pid = running ? ready : locking >= 0 ? locking : isLaunched ? launched : undefined;
  const phase = child === undefined ? undefined : azures[child]?.phase;
  const isLost = child !== undefined && azures[child]?.folder !== folder;
  const ended =
    phase === "beaten" || (phase === "gone" && isLost) ? "lost" : phase && OVER.includes(phase) ? "failed" : undefined;
  const listening = azures.some((each) => ["listening", "ready"].includes(each.phase) && each.folder === folder);
  const portTaken = processes.hasPorts && pid === undefined && (processes.isTakenByOther || listening);
  return { running, busy: pid !== undefined, portTaken, ended, late: false, pid };
}

/** The world after one look of a command and its step; undefined when it has ended or waits for start.lock. */
function commandMoves(processes: FakeProcesses, index: number): FakeProcesses | undefined {
  const command = processes.commands[index];
  if (command === undefined || command.result !== undefined) return undefined;
  const { pid, ...seen } = look(processes, command);
  const end = (result: string, more: Partial<FakeProcesses> = {}): FakeProcesses => ({
    ...processes,
    holder: processes.holder === index ? undefined : processes.holder,
    commands: replaced(processes.commands, index, { result, before: undefined, child: undefined }),
    ...more,
  });
  if (command.goal === "stop") {
    const step = stopStep(seen);
    if (step === "done") return end("stopped");
    const phase = pid === undefined ? undefined : processes.azures[pid]?.phase;
    if (pid === undefined || phase === "ending") return undefined;
    return {
      ...processes,
      azures: replaced(processes.azures, pid, { phase: step === "request" ? "ending" : "killed" }),
    };
  }
  if (processes.holder !== undefined && processes.holder !== index) return seen.running ? end("use") : undefined;
  const step = startStep(seen, command.before);
  if (step === "use" || step === "portTaken" || step === "failed" || step === "abandon") return end(step);
  const commands = replaced(processes.commands, index, { before: seen });
  if (step === "wait") return { ...processes, holder: index, commands };
  const child = processes.azures.length;
  return {
    ...processes,
    holder: index,
    commands: replaced(commands, index, { child }),
    azures: [...processes.azures, { phase: "loading", folder: processes.folder }],
    launched: child,
  };
}

function azureMoves(processes: FakeProcesses, index: number): FakeProcesses | undefined {
  const azure = processes.azures[index];
  if (azure === undefined) return undefined;
  const to = (phase: Azure["phase"], more: Partial<FakeProcesses> = {}): FakeProcesses => ({
    ...processes,
    azures: replaced(processes.azures, index, { phase, folder: phase === "locked" ? processes.folder : azure.folder }),
    ...more,
  });
  const isLost = azure.folder !== processes.folder;
  switch (azure.phase) {
    case "loading":
      return to(processes.azures.some((each) => hasLock(processes, each)) ? "beaten" : "locked");
    case "locked":
      return processes.hasPorts && processes.isTakenByOther
        ? to("failed")
        : to("listening", isLost ? {} : { hasPorts: true });
    case "listening":
      return isLost ? to("ending") : to("ready", { ready: index });
    case "ready":
      if (isLost) return to("ending");
      return processes.ready === index ? undefined : { ...processes, ready: index };
    case "ending":
      return to("gone", processes.ready === index ? { ready: undefined } : {});
    default:
      return undefined;
  }
}

/** What can happen to a checkout from outside, each at any moment. */
function mishaps(processes: FakeProcesses): FakeProcesses[] {
  const found: [string, Partial<FakeProcesses>][] = [
    ["ready.json", { ready: undefined }],
    ["ports.json", { hasPorts: false }],
    ["launched", { launched: undefined }],
    ["lock", { folder: processes.folder + 1, hasPorts: processes.hasPorts }],
    [
      ".local",
      { folder: processes.folder + 1, ready: undefined, launched: undefined, hasPorts: false, holder: undefined },
    ],
    ["port", { isTakenByOther: true }],
    ...processes.azures.flatMap(({ phase }, at): [string, Partial<FakeProcesses>][] =>
      OVER.includes(phase) ? [] : [["kill", { azures: replaced(processes.azures, at, { phase: "killed" }) }]],
    ),
    ...processes.commands.flatMap(({ result }, at): [string, Partial<FakeProcesses>][] =>
      result !== undefined
        ? []
        : [
            [
              "interrupt",
              {
                commands: replaced(processes.commands, at, {
                  result: "interrupted",
                  child: undefined,
                  before: undefined,
                }),
                holder: processes.holder === at ? undefined : processes.holder,
              },
            ],
          ],
    ),
  ];
  return found
    .filter(
      ([name]) => name !== "port" || !processes.azures.some(({ phase }) => ["listening", "ready"].includes(phase)),
    )
    .map(([name, change]) => ({ ...processes, ...change, mishaps: [...processes.mishaps, name] }));
}

function explore(goals: readonly Command["goal"][], limit: number): { worlds: number; results: Set<string> } {
  const first: FakeProcesses = {
    commands: goals.map((goal) => ({ goal })),
    azures: [],
    folder: 0,
    hasPorts: false,
    isTakenByOther: false,
    mishaps: [],
  };
  // Each world with its text, which tells it from the others.
  const withText = (here: FakeProcesses) => ({ here, same: JSON.stringify(here) });
  const open = [withText(first)];
  const known = new Set(open.map(({ same }) => same));
  const results = new Set<string>();
  for (let world = open.pop(); world; world = open.pop()) {
    const { here, same } = world;
    const different = [
      ...here.commands.map((_, at) => commandMoves(here, at)),
      ...here.azures.map((_, at) => azureMoves(here, at)),
    ]
      .filter((next) => next !== undefined)
      .map(withText)
      .filter((next) => next.same !== same);
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
    const next = here.mishaps.length < limit ? [...different, ...mishaps(here).map(withText)] : different;
    for (const each of next) {
      if (known.has(each.same)) continue;
      known.add(each.same);
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
