import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { HOOK } from "../../bench/environment/processes";
import { type Ended, ended } from "./ended";
import type { TestAzure } from "./localAzure";

const ROOT = resolve(__dirname, "../..");

/** A process of its own, because stdio is inherited. */
const PROGRAM = resolve(__dirname, "namespaceProgram.ts");

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
  const args = ["-r", HOOK, PROGRAM, JSON.stringify(ready), ...command];
  return ended(process.execPath, args, env, ROOT);
}
