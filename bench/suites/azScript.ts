import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathsOf } from "../../cli/checkoutPaths";
import { ROOT, shellEnvironment, timed, withCheckout } from "../environment/processes";
import { compare, type Measurement } from "../measure";

/** Rounds of each side; the median counts. */
const ROUNDS = 5;

/** The folder of az: that of PATH, or the one that `npm run test:clients` installs into the cache. */
function azFolder(path: string): string {
  const clients = join(pathsOf(ROOT).cache, "clients");
  const installed = existsSync(clients)
    ? readdirSync(clients).filter((name) => name.startsWith("az-") && existsSync(join(clients, name, "complete")))
    : [];
  const folders = [...path.split(delimiter), ...installed.map((name) => join(clients, name, "venv", "bin"))];
  const found = folders.find((folder) => folder !== "" && existsSync(join(folder, "az")));
  if (found === undefined)
    throw new Error("az is not installed. To fix: install it, or run npm run test:clients once.");
  return found;
}

/**
 * The environment of the dev stack, new, on a local Azure that runs already: by `npm run up`, and by a shell script of az,
 * openssl and curl, which is what a user would write instead.
 */
export function azScriptMeasurements(): Promise<Measurement[]> {
  return withCheckout(async ({ folder, checkout, zero }) => {
    await zero("up");
    await zero("down");
    await zero("local", "start");
    const local = shellEnvironment(checkout);
    const env: NodeJS.ProcessEnv = {
      ...local,
      PATH: [azFolder(local.PATH ?? ""), local.PATH].join(delimiter),
      AZURE_CONFIG_DIR: join(folder, "az"),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
    };
    const az = (...args: string[]) => execFileSync("az", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    const secret = join(folder, "secret");
    writeFileSync(secret, env.AZURE_CLIENT_SECRET ?? "", { mode: 0o600 });
    const principal = ["--username", env.AZURE_CLIENT_ID ?? "", "--tenant", env.AZURE_TENANT_ID ?? ""];
    az("login", "--service-principal", ...principal, "--password", `@${secret}`);
    let round = 0;
    const up = await compare({
      name: "up.script",
      what: "npm run up of a new stack, the local Azure running",
      rival: "the same environment by a shell script of az, openssl and curl",
      unit: "s",
      bound: { atMost: 0.45 },
      rounds: ROUNDS,
      theirs: async () => {
        round += 1;
        const [name, work] = [`script-${round}`, join(folder, `script-${round}`)];
        mkdirSync(work);
        const seconds = await timed(join(ROOT, "bench", "rivals", "azScript.sh"), [name, work], { cwd: folder, env });
        az("group", "delete", "--name", `${name}-rg`, "--yes");
        return seconds;
      },
      ours: async () => {
        const seconds = await timed("npm", ["run", "--silent", "up"], { cwd: checkout });
        const destroy = ["destroy", "--yes", "--skip-preview", "--stack", "dev"];
        await timed("pulumi", destroy, { cwd: checkout, env: local });
        return seconds;
      },
    });
    return [up];
  });
}
