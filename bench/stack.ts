import { join } from "node:path";
import { emptyProgram } from "./emptyProgram";
import { compare, type Measurement } from "./measure";
import { plainProgram } from "./plainProgram";
import { copyCheckout, shellEnvironment, timed, withFolder } from "./processes";

/** Rounds of each side; the median counts. */
const ROUNDS = 5;

/**
 * Previews and `npm run up` of the whole dev stack, in a copy of the checkout with a local Azure of its own, against a
 * preview of an empty JavaScript program by the same CLI. The local Azure's caches are warm, as on any second day.
 */
export function stackMeasurements(): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const checkout = join(folder, "checkout");
    copyCheckout(checkout);
    const zero = (...args: string[]) => timed(process.execPath, ["cli/zero-touch.cjs", ...args], { cwd: checkout });
    const npm = (...args: string[]) => timed("npm", ["run", "--silent", ...args], { cwd: checkout });
    try {
      await zero("up");
      await zero("down");
      await zero("local", "start");
      const local = shellEnvironment(checkout);
      const empty = await emptyProgram(folder, local);
      await empty.preview();
      const theirs = () => empty.preview();
      const preview = () => timed("pulumi", ["preview", "--stack", "dev"], { cwd: checkout, env: local });

      await zero("preview");
      const fresh = await compare(
        {
          name: "preview.new",
          what: "pulumi preview of the dev stack, nothing standing yet",
          rival: "pulumi preview of an empty JavaScript program",
          unit: "s",
          bound: { atMost: 1.6 },
        },
        ROUNDS,
        { theirs, ours: preview },
      );
      const plain = await plainProgram(folder, local);
      await plain.preview();
      const typescript = await compare(
        {
          name: "preview.plain",
          what: fresh.what,
          rival: "pulumi preview of a plain TypeScript program with as many resources",
          unit: "s",
          bound: { atMost: 0.6 },
        },
        ROUNDS,
        { theirs: () => plain.preview(), ours: preview },
      );
      await zero("down");
      const up = await compare(
        {
          name: "up.new",
          what: "npm run up of a new stack, local Azure started by it",
          rival: fresh.rival,
          unit: "s",
          bound: { atMost: 4 },
        },
        ROUNDS,
        {
          theirs,
          ours: async () => {
            const seconds = await npm("up");
            await zero("down");
            return seconds;
          },
        },
      );
      await zero("up");
      const again = await compare(
        {
          name: "up.unchanged",
          what: "npm run up with nothing to change",
          rival: fresh.rival,
          unit: "s",
          bound: { atMost: 3 },
        },
        ROUNDS,
        { theirs, ours: () => npm("up") },
      );
      const standing = shellEnvironment(checkout);
      const after = await compare(
        {
          name: "preview.standing",
          what: "pulumi preview of the dev stack after up",
          rival: fresh.rival,
          unit: "s",
          bound: { atMost: 1.6 },
        },
        ROUNDS,
        { theirs, ours: () => timed("pulumi", ["preview", "--stack", "dev"], { cwd: checkout, env: standing }) },
      );
      return [fresh, typescript, after, up, again];
    } finally {
      await zero("down");
    }
  });
}
