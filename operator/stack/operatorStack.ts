/** A resource of the stack's state. Secret values are the text `[secret]`. */
export interface StackResource {
  readonly urn: string;
  /** For example `pulumi-nodejs:dynamic/iot:EnrollmentGroup`. */
  readonly type: string;
  /** The last part of the URN. */
  readonly name: string;
  readonly id?: string;
  /** When it was created, ISO 8601. */
  readonly created?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A value of the configuration, as in `pulumi config --json`: a text, also for a number, or a list. */
export type ConfigurationValue = string | readonly (string | number)[];

/** Configuration keys without the project's name, defaults of Pulumi.yaml included; secrets are left out. */
export type StackConfiguration = Readonly<Record<string, ConfigurationValue | undefined>>;

/** An update in the stack's history. */
export interface StackUpdate {
  /** Undefined in backends without versions. */
  readonly version?: number;
  readonly kind: string;
  /** ISO 8601. */
  readonly startTime: string;
  readonly endTime?: string;
  /** `succeeded`, `failed` or `in-progress`. */
  readonly result: string;
  readonly message: string;
  /** Number of resources by operation, such as `update`. */
  readonly changes: Readonly<Record<string, number>>;
}

/** A resource that an update or a preview creates, updates, replaces or deletes. */
export interface StackChange {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
}

/** Options of an update or a preview. */
export interface RunOptions {
  /** Cancels the run: Pulumi completes the steps that it began. */
  readonly signal: AbortSignal;
  /** For the stack's history. */
  readonly message?: string;
  /** Called for each change as it begins. */
  readonly onChange?: (change: StackChange) => void;
  /** Reads Azure's state first. Default false. */
  readonly refresh?: boolean;
}

/** How a run of Pulumi ended. `busy`: another update of the stack is running. */
export interface RunOutcome {
  readonly result: "succeeded" | "failed" | "cancelled" | "busy";
  readonly changes: readonly StackChange[];
  /** Errors as the engine reports them, without secrets. */
  readonly errors: readonly string[];
}

/** The stack that the commands work on. Errors: OperatorError StackFailed, StackBusy. */
export interface OperatorStack {
  readonly name: string;
  /** The resources of the last deployment. */
  resources(): Promise<readonly StackResource[]>;
  /** A secret output of a resource; undefined if it has none. */
  secret(urn: string, output: string): Promise<string | undefined>;
  configuration(): Promise<StackConfiguration>;
  /** Sets configuration keys in one step; undefined removes a key. */
  configure(values: StackConfiguration): Promise<void>;
  update(options: RunOptions): Promise<RunOutcome>;
  preview(options: RunOptions): Promise<RunOutcome>;
  /** The last updates, newest first. */
  history(count: number): Promise<readonly StackUpdate[]>;
}
