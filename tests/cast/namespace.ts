import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { type Ended, ended } from "./ended";
import type { TestAzure } from "./localAzure";

const ROOT = resolve(__dirname, "../..");

/** What `npm run local -- exec` does once the local Azure runs, as a separate process: stdio is inherited. */
const PROGRAM = `
  const { applied } = require("./cli/local/localEnvironment");
  const { execInNamespace, withoutProxy } = require("./cli/local/namespaceExec");
  const [ready, command, ...args] = process.argv.slice(1);
  const env = applied(process.env, withoutProxy({ set: {}, unset: [] }));
  execInNamespace(command, args, { ready: JSON.parse(ready), env }).then(
    (code) => { process.exitCode = code; },
    (error) => { process.stderr.write(error.code); process.exitCode = 1; },
  );`;

/** Whether this machine lets its user create namespaces; if not, the tests expect an error. */
export function namespacesPermitted(): boolean {
  try {
    execFileSync("unshare", ["-Urnm", "ip", "link", "set", "lo", "up"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs a command as `npm run local -- exec` does. */
export function inNamespace(
  ready: TestAzure["ready"],
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const args = ["-r", "ts-node/register", "-e", PROGRAM, JSON.stringify(ready), ...command];
  return ended(process.execPath, args, env, ROOT);
}
