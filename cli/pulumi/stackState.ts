import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";

/** An operation that a killed engine had begun: what it did to the resource is not known. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly inputs?: Record<string, unknown>;
  };
}

/** The part of a stack's state that these commands read. */
export interface StackState {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How many resources there are, the stack itself included. */
  readonly resources: number;
  readonly pending: readonly PendingOperation[];
  /** URNs of the resources, without those that are still to be deleted or to be created again. */
  readonly urns: ReadonlySet<string>;
}

interface Checkpoint {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly {
        readonly urn: string;
        readonly type: string;
        readonly delete?: boolean;
        readonly pendingReplacement?: boolean;
        readonly outputs?: Record<string, unknown>;
      }[];
      readonly pending_operations?: readonly PendingOperation[];
    };
  };
}

/** Whether the state has a resource for good: it is not still to be deleted, nor deleted for a replacement to come. */
export const isLive = (resource: { readonly delete?: boolean; readonly pendingReplacement?: boolean }): boolean =>
  resource.delete !== true && resource.pendingReplacement !== true;

/** Where Pulumi's file backend keeps the stack `dev`. */
export function stateFile(paths: Pick<Paths, "state">): string {
  return join(paths.state, ".pulumi", "stacks", PROJECT, `${STACK}.json`);
}

/** Reads the text of a state file (checkpoint version 3 of the file backend). Secrets in it stay as they are: encrypted. */
export function parseState(text: string): StackState {
  const latest = (JSON.parse(text) as Checkpoint).checkpoint?.latest;
  const resources = latest?.resources ?? [];
  const stack = resources.find((resource) => resource.type === "pulumi:pulumi:Stack");
  const urns = new Set(resources.filter(isLive).map(({ urn }) => urn));
  const pending = latest?.pending_operations ?? [];
  return { outputs: stack?.outputs ?? {}, resources: resources.length, pending, urns };
}

/**
 * The state of the stack `dev`, undefined when it does not exist. Read from the file, which the CLI would take half a
 * second for: the backend is this checkout's own folder, written by the CLI whose version is pinned.
 */
export function readState(paths: Pick<Paths, "state">): StackState | undefined {
  let text: string;
  try {
    text = readFileSync(stateFile(paths), "utf8");
  } catch {
    return undefined;
  }
  return parseState(text);
}

/**
 * Whether plain `pulumi` in the checkout has a stack selected. Pulumi keeps it in PULUMI_HOME, by the path of Pulumi.yaml: a
 * moved checkout has none, and neither has the home of the genuine plugin.
 */
export function hasSelectedStack(pulumiHome: string, root: string): boolean {
  const project = createHash("sha1").update(join(root, "Pulumi.yaml")).digest("hex");
  try {
    const text = readFileSync(join(pulumiHome, "workspaces", `${PROJECT}-${project}-workspace.json`), "utf8");
    const { stack, stacks = {} } = JSON.parse(text) as { stack?: string; stacks?: Readonly<Record<string, string>> };
    return [stack, ...Object.values(stacks)].some((name) => name !== undefined && name !== "");
  } catch {
    return false;
  }
}

/** Names below a folder; none where it does not exist. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Other stacks on this local Azure, as `project/stack`: of other names, and of programs of one's own. One that
 * cannot be read counts as one with resources.
 */
export function otherStacks(paths: Pick<Paths, "state">): readonly string[] {
  const stacks = dirname(dirname(stateFile(paths)));
  const hasResources = (file: string): boolean => {
    try {
      return parseState(readFileSync(file, "utf8")).resources > 0;
    } catch {
      return true;
    }
  };
  return namesIn(stacks).flatMap((project) =>
    namesIn(join(stacks, project))
      .filter((name) => name.endsWith(".json") && hasResources(join(stacks, project, name)))
      .map((name) => `${project}/${basename(name, ".json")}`)
      .filter((name) => name !== `${PROJECT}/${STACK}`),
  );
}

/**
 * Takes away the attributes beside the state of the stack `dev`, which a CLI of a shell with another backend address may have
 * left by half. Nothing of the stack is in them, and a CLI that finds none goes on without.
 */
export function dropAttributes(paths: Pick<Paths, "state">): void {
  const file = stateFile(paths);
  for (const name of [file, `${file}.bak`]) rmSync(`${name}.attrs`, { force: true });
}

/** Takes the stack `dev` out of the file backend, with its settings left alone; `pulumi stack rm` would delete those. */
export function forgetStack(paths: Pick<Paths, "state">): void {
  const file = stateFile(paths);
  for (const name of [file, `${file}.bak`]) rmSync(name, { force: true });
  dropAttributes(paths);
}
