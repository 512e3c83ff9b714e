/** The stack through Pulumi's Automation API. */
import type { ConfigMap, EngineEvent, Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { isObject } from "../../azure/wire/jsonObject";
import { OperatorError } from "../operatorError";
import { type ExportedDeployment, resourcesOf, secretOf } from "./exportedState";
import type {
  ConfigurationValue,
  OperatorStack,
  RunOptions,
  RunOutcome,
  StackChange,
  StackConfiguration,
  StackResource,
  StackUpdate,
} from "./operatorStack";

/** Where the stack is, and what Pulumi needs. */
export interface AutomationOptions {
  /** Name of the project in Pulumi.yaml: the namespace of the configuration keys. */
  readonly project: string;
  readonly stack: string;
  /** Folder of Pulumi.yaml. */
  readonly folder: string;
  /** Environment of the Pulumi CLI, over this process's own: PATH, backend, passphrase, sign-in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs before each update, for example to release the locks of dead processes. Errors: OperatorError. */
  readonly prepare?: () => Promise<void>;
  /**
   * Takes the configuration from the last update in the backend, in place of the one in the folder: for instances that have
   * a folder each. Default false.
   */
  readonly isConfigurationInBackend?: boolean;
}

const loadAutomation = () => require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");

/** Operations that leave a resource as it is. */
const UNCHANGED: readonly string[] = ["same", "read", "refresh", "discard", "read-discard"];

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** The engine's markup of colours. */
const plain = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();

/** The change of a resource that an event begins; undefined for other events. */
function changeOf({ resourcePreEvent }: EngineEvent): StackChange | undefined {
  if (resourcePreEvent === undefined) return undefined;
  const { op, type, urn, new: after, old: before } = resourcePreEvent.metadata;
  // Components have no resource in Azure, and a default provider changes with the configuration.
  const isVisible = (after ?? before)?.custom === true && !type.startsWith("pulumi:providers:");
  return isVisible && !UNCHANGED.includes(op) ? { operation: op, type, name: nameOf(urn) } : undefined;
}

/** A stack in a checkout, through the Pulumi CLI on the PATH. The CLI and the Automation API load at first use. */
export class AutomationStack implements OperatorStack {
  readonly #options: AutomationOptions;
  #opened: Promise<Stack> | undefined;

  constructor(options: AutomationOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.stack;
  }

  async resources(): Promise<readonly StackResource[]> {
    return resourcesOf(await this.#export());
  }

  async secret(urn: string, output: string): Promise<string | undefined> {
    return secretOf(await this.#export(), urn, output);
  }

  async configuration(): Promise<StackConfiguration> {
    const stack = await this.#open();
    return this.#guard("read the configuration", async () => {
      const present = await stack.getAllConfig();
      const isInBackend = this.#options.isConfigurationInBackend === true;
      const prefix = `${this.#options.project}:`;
      const entries = Object.entries(isInBackend ? await takeDeployedConfiguration(stack, present) : present);
      return Object.fromEntries(
        entries
          .filter(([key, { secret }]) => key.startsWith(prefix) && secret !== true)
          .map(([key, { value }]) => [key.slice(prefix.length), configurationValue(value)]),
      );
    });
  }

  async configure(values: StackConfiguration): Promise<void> {
    const stack = await this.#open();
    await this.#guard("change the configuration", async () => {
      const set = Object.entries(values).filter(([, value]) => value !== undefined);
      const changes = set.map(([key, value]) => [`${this.#options.project}:${key}`, exportedValue(value ?? "")]);
      if (changes.length > 0) await stack.setAllConfigJson(JSON.stringify(Object.fromEntries(changes)));
      const removed = Object.keys(values).filter((key) => values[key] === undefined);
      if (removed.length > 0) await stack.removeAllConfig(removed.map((key) => `${this.#options.project}:${key}`));
    });
  }

  async update(options: RunOptions): Promise<RunOutcome> {
    await this.#options.prepare?.();
    return this.#run(options, (stack, onEvent) =>
      stack.up({ color: "never", message: options.message, signal: options.signal, refresh: options.refresh, onEvent }),
    );
  }

  preview(options: RunOptions): Promise<RunOutcome> {
    return this.#run(options, (stack, onEvent) =>
      stack.preview({ color: "never", signal: options.signal, refresh: options.refresh, onEvent }),
    );
  }

  async history(count: number): Promise<readonly StackUpdate[]> {
    const stack = await this.#open();
    const updates = await this.#guard("read the history", () => stack.history(count, 1));
    return updates.map(({ version, kind, startTime, endTime, result, message, resourceChanges }) => ({
      // The file and object storage backends count no versions.
      version: version || undefined,
      kind,
      startTime: new Date(startTime).toISOString(),
      endTime: endTime && new Date(endTime).toISOString(),
      result,
      message,
      changes: { ...resourceChanges },
    }));
  }

  async #run(
    { signal, onChange }: RunOptions,
    work: (stack: Stack, onEvent: (event: EngineEvent) => void) => Promise<unknown>,
  ): Promise<RunOutcome> {
    const changes: StackChange[] = [];
    const errors: string[] = [];
    const stack = await this.#open();
    const onEvent = (event: EngineEvent): void => {
      const change = changeOf(event);
      if (change !== undefined) {
        changes.push(change);
        onChange?.(change);
      }
      const { diagnosticEvent } = event;
      if (diagnosticEvent?.severity === "error") errors.push(plain(diagnosticEvent.message));
    };
    if (signal.aborted) return { result: "cancelled", changes, errors };
    try {
      await work(stack, onEvent);
      return { result: "succeeded", changes, errors };
    } catch (error) {
      if (error instanceof loadAutomation().ConcurrentUpdateError) return { result: "busy", changes, errors };
      if (signal.aborted) return { result: "cancelled", changes, errors };
      return { result: "failed", changes, errors: errors.length > 0 ? errors : [stderrOf(error)] };
    }
  }

  async #export(): Promise<ExportedDeployment> {
    const stack = await this.#open();
    return this.#guard("read the state", async () => (await stack.exportStack()).deployment as ExportedDeployment);
  }

  #open(): Promise<Stack> {
    const { stack, folder, environment } = this.#options;
    this.#opened ??= this.#guard(`open the stack ${stack}`, () =>
      loadAutomation().LocalWorkspace.selectStack(
        { stackName: stack, workDir: folder },
        { envVars: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" } },
      ),
    )
      .then(withoutSummaries)
      .catch((error: unknown) => {
        this.#opened = undefined;
        throw error;
      });
    return this.#opened;
  }

  async #guard<R>(operation: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (cause) {
      const remedy = "run the command again; `Test-Environment` shows what is wrong";
      throw new OperatorError("StackFailed", `Pulumi could not ${operation}: ${stderrOf(cause)}`, remedy, { cause });
    }
  }
}

/** After each update the Automation API reads the outputs and the history, in three more runs of the CLI: the commands use neither. */
function withoutSummaries(stack: Stack): Stack {
  return Object.assign(stack, {
    outputs: () => Promise.resolve({}),
    info: () => Promise.resolve(undefined),
  } satisfies Partial<Stack>);
}

/** Updates that are searched for the last one that changed the stack. */
const SEARCHED = 50;

/** Whether an update succeeded or changed resources: its configuration is the stack's. */
const isEffective = ({ kind, result, resourceChanges = {} }: UpdateSummary): boolean =>
  kind === "update" &&
  (result === "succeeded" ||
    Object.entries(resourceChanges).some(([operation, count = 0]) => !UNCHANGED.includes(operation) && count > 0));

/**
 * Makes the configuration in the folder that of the last update that changed the stack. Not `pulumi config refresh`: it
 * takes the last update, also one that was refused before its first change. Secrets stay as they are in the folder. Returns
 * the configuration as it is then.
 */
async function takeDeployedConfiguration(stack: Stack, present: ConfigMap): Promise<ConfigMap> {
  const last = (await stack.history(SEARCHED, 1)).find(isEffective);
  if (last === undefined) return present;
  const plainKeys = (values: ConfigMap): string[] => Object.keys(values).filter((key) => values[key]?.secret !== true);
  const changed = plainKeys(last.config).filter((key) => last.config[key]?.value !== present[key]?.value);
  const values = changed.map((key) => [key, exportedValue(configurationValue(last.config[key]?.value ?? ""))]);
  if (values.length > 0) await stack.setAllConfigJson(JSON.stringify(Object.fromEntries(values)));
  const removed = plainKeys(present).filter((key) => last.config[key] === undefined);
  if (removed.length > 0) await stack.removeAllConfig(removed);
  // What was removed has the default of Pulumi.yaml again.
  return changed.length + removed.length > 0 ? stack.getAllConfig() : present;
}

/** A list where the text is one in JSON, else the text. */
function configurationValue(value: string): ConfigurationValue {
  if (!value.startsWith("[")) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed.map((item) => (typeof item === "number" ? item : String(item))) : value;
  } catch {
    return value;
  }
}

/** A value in the form of `pulumi config --json`. */
const exportedValue = (value: ConfigurationValue) =>
  typeof value === "string"
    ? { value, secret: false }
    : { value: JSON.stringify(value), objectValue: value, secret: false };

/** The errors that the CLI printed: at most five lines. An error of the Automation API holds all output. */
function stderrOf(error: unknown): string {
  const result: unknown = isObject(error) ? error.commandResult : undefined;
  const text = isObject(result) && typeof result.stderr === "string" ? result.stderr : "";
  const lines = text.split("\n").filter((line) => /^\s*error:/.test(line));
  if (lines.length > 0) return plain(lines.slice(0, 5).join("\n"));
  return plain(text).split("\n").slice(-5).join("\n") || "the Pulumi CLI failed without a message";
}
