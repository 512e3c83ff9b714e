/** Changes of the stack: configuration first, then an update, so that program and state agree afterwards. */
import type { CommandContext } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { OperatorStack, RunOptions, RunOutcome, StackChange, StackConfiguration } from "./operatorStack";
import { withStackLock } from "./stackLock";

/** What a change of the stack did. */
export interface ChangeSummary {
  /** Number of resources by operation: `create`, `update`, `replace`, `delete`. */
  readonly changes: Readonly<Record<string, number>>;
}

/** A change that is done. */
export interface StackChangeResult extends ChangeSummary {
  /** The configuration with the change. */
  readonly configuration: StackConfiguration;
}

const label = ({ operation, type, name }: StackChange): string =>
  `${operation} ${type.slice(type.lastIndexOf(":") + 1)} ${name}`;

function counted(changes: readonly StackChange[]): ChangeSummary {
  const counts: Record<string, number> = {};
  for (const { operation } of changes) counts[operation] = (counts[operation] ?? 0) + 1;
  return { changes: counts };
}

/** The present values of the keys that an edit changes. */
const present = (configuration: StackConfiguration, edit: StackConfiguration): StackConfiguration =>
  Object.fromEntries(Object.keys(edit).map((key) => [key, configuration[key]]));

/** The document of an update that runs; an instance that dies leaves it. */
const RUNNING = "locks/stack.update";

/**
 * Runs `update` with a note in the store, and first shows the note of an instance that died: its change of the configuration
 * is part of this update.
 */
async function noted<R>({ store, session, progress }: CommandContext, command: string, update: () => Promise<R>) {
  const left = await store.read(RUNNING);
  if (left !== undefined) {
    const { user, command: earlier } = left.value;
    await progress(`${String(earlier)} by ${String(user)} was interrupted. This update completes it.`);
  }
  const etag = await store.write(RUNNING, { user: session.user, command, session: session.id }, left?.etag);
  try {
    return await update();
  } finally {
    await store.remove(RUNNING, etag).catch(() => undefined);
  }
}

/** The error of an update. `isKept`: the new configuration stays. */
function errorOf({ result, errors }: RunOutcome, command: string, isKept: boolean): OperatorError {
  const state = isKept
    ? "The configuration has the change and the update is incomplete."
    : "Nothing is changed, and the configuration is as before.";
  const again = isKept ? `run ${command} again: it continues the update` : `run ${command} again`;
  if (result === "busy")
    return new OperatorError("StackBusy", `Another update of the stack is running. ${state}`, again);
  if (result === "cancelled") return new OperatorError("Cancelled", `${command} is cancelled. ${state}`, again);
  const lines = errors.join("\n").split("\n").slice(0, 20).join("\n");
  const fix = isKept ? `fix the cause, then ${again}` : `fix the cause, then run ${command} again`;
  return new OperatorError("StackFailed", `The update of the stack failed. ${state}\n${lines}`, fix);
}

/** Sets the keys and updates. Errors: StackBusy, StackFailed, Cancelled. */
async function applyEdits(
  stack: OperatorStack,
  context: CommandContext,
  command: string,
  { edits, before }: { readonly edits: StackConfiguration; readonly before: StackConfiguration },
): Promise<ChangeSummary> {
  await stack.configure(edits);
  let progress = Promise.resolve();
  const options: RunOptions = {
    signal: context.signal,
    message: `operator endpoint: ${command} by ${context.session.user}, session ${context.session.id}`,
    onChange: (change) => {
      progress = progress.then(() => context.progress(label(change)));
      // The failure is thrown below.
      progress.catch(() => undefined);
    },
  };
  const outcome = await stack.update(options).catch(async (error: unknown) => {
    // It did not begin.
    await stack.configure(before);
    throw error;
  });
  const isKept = outcome.changes.length > 0;
  if (outcome.result !== "succeeded" && !isKept) await stack.configure(before);
  await progress;
  if (outcome.result !== "succeeded") throw errorOf(outcome, command, isKept);
  return counted(outcome.changes);
}

/**
 * Edits the configuration and updates the stack, alone. `edit` gets the present configuration and returns the keys to set;
 * without a change of the configuration the update runs all the same, so that a repeated command completes a failed one.
 * An update that failed before its first change takes the configuration back. Errors: StackBusy, StackFailed, Cancelled,
 * and those of `edit`.
 */
export function changeStack(
  stack: OperatorStack,
  context: CommandContext,
  command: string,
  edit: (configuration: StackConfiguration) => StackConfiguration | Promise<StackConfiguration>,
): Promise<StackChangeResult> {
  return withStackLock(context, command, async () => {
    const configuration = await stack.configuration();
    const edits = await edit(configuration);
    const before = present(configuration, edits);
    const { changes } = await noted(context, command, () => applyEdits(stack, context, command, { edits, before }));
    return { changes, configuration: { ...configuration, ...edits } };
  });
}
