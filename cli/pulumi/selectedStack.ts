import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";
import { backendVariables } from "../local/localEnvironment";
import { writeWhole } from "../wholeFile";
import { stateFile } from "./stackState";

/** Where Pulumi keeps the selection of a checkout: by the path of Pulumi.yaml. */
function selectionFile(pulumiHome: string, root: string): string {
  const project = createHash("sha1").update(join(root, "Pulumi.yaml")).digest("hex");
  return join(pulumiHome, "workspaces", `${PROJECT}-${project}-workspace.json`);
}

/**
 * Whether plain `pulumi` in the checkout has a stack selected. Pulumi keeps it in PULUMI_HOME, by the path of Pulumi.yaml: a
 * moved checkout has none, and neither has the home of the genuine plugin.
 */
export function hasSelectedStack(pulumiHome: string, root: string): boolean {
  try {
    const text = readFileSync(selectionFile(pulumiHome, root), "utf8");
    const { stack, stacks = {} } = JSON.parse(text) as { stack?: string; stacks?: Readonly<Record<string, string>> };
    return [stack, ...Object.values(stacks)].some((name) => name !== undefined && name !== "");
  } catch {
    return false;
  }
}

/**
 * Creates and selects the stack `dev` where it does not exist: the files that `pulumi stack init` writes, for which the CLI takes
 * 0.6 s. The first run of the CLI on it opens the secrets.
 */
export function ensureStack(paths: Pick<Paths, "root" | "pulumiHome" | "state">): void {
  const file = stateFile(paths);
  if (existsSync(file)) return;
  const name = `organization/${PROJECT}/${STACK}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeWhole(join(paths.state, ".pulumi", "meta.yaml"), "version: 1\n", 0o600);
  const selection = selectionFile(paths.pulumiHome, paths.root);
  mkdirSync(dirname(selection), { recursive: true, mode: 0o700 });
  const backend = backendVariables(paths).PULUMI_BACKEND_URL ?? "";
  writeWhole(selection, JSON.stringify({ stacks: { [backend]: name } }), 0o600);
  try {
    // Not over the state of a command that was faster.
    writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: name } }), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!existsSync(file)) throw error;
  }
}
