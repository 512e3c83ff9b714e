import { shellEnvironment, timed, withCheckout } from "../environment/processes";
import { compare, type Measurement } from "../measure";
import { emptyProgram, plainProgram } from "../rivals/rivalPrograms";

/** Rounds of each side; the median counts. */
const ROUNDS = 5;

/**
 * Previews and `npm run up` of the whole dev stack, in a copy of the checkout with a local Azure of its own, against a
 * preview of an empty JavaScript program by the same CLI. The local Azure's caches are warm, as on any second day.
 */
export function stackMeasurements(): Promise<Measurement[]> {
  return withCheckout(async ({ folder, checkout, zero }) => {
    const npm = (...args: string[]) => timed("npm", ["run", "--silent", ...args], { cwd: checkout });
    await zero("up");
    await zero("down");
    await zero("local", "start");
    const local = shellEnvironment(checkout);
    const empty = await emptyProgram(folder, local);
    await empty("preview");
    const common = { unit: "s", rounds: ROUNDS } as const;
    const againstEmpty = (name: string, what: string, atMost: number, ours: () => Promise<number>) =>
      compare({
        name,
        what,
        rival: "pulumi preview of an empty JavaScript program",
        bound: { atMost },
        theirs: () => empty("preview"),
        ours,
        ...common,
      });
    const previewIn = (env: NodeJS.ProcessEnv) => () =>
      timed("pulumi", ["preview", "--stack", "dev"], { cwd: checkout, env });

    await zero("preview");
    const what = "pulumi preview of the dev stack, nothing deployed yet";
    const fresh = await againstEmpty("preview.new", what, 1.6, previewIn(local));
    const plain = await plainProgram(folder, local);
    await plain("preview");
    const typescript = await compare({
      name: "preview.plain",
      what,
      rival: "pulumi preview of a plain TypeScript program with as many resources",
      bound: { atMost: 0.6 },
      theirs: () => plain("preview"),
      ours: previewIn(local),
      ...common,
    });
    await zero("down");
    const up = await againstEmpty("up.new", "npm run up of a new stack, local Azure started by it", 4, async () => {
      const seconds = await npm("up");
      await zero("down");
      return seconds;
    });
    await zero("up");
    const again = await againstEmpty("up.unchanged", "npm run up with nothing to change", 3, () => npm("up"));
    const deployed = previewIn(shellEnvironment(checkout));
    const after = await againstEmpty("preview.standing", "pulumi preview of the dev stack after up", 1.6, deployed);
    return [fresh, typescript, after, up, again];
  });
}
