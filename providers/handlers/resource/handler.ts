/** The shape of a handler: the six methods of a dynamic resource over plain data. */

/** Inputs or outputs as they come over gRPC: plain JSON, secrets in clear text, key order not kept. */
export type Props = Readonly<Record<string, unknown>>;

/** An error in an input, shown by the engine at the resource. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** The result of `check`: inputs with their defaults, and all errors at once. */
export interface CheckResult {
  readonly inputs: Record<string, unknown>;
  readonly failures: CheckFailure[];
}

/** The result of `diff`. */
export interface DiffResult {
  readonly changes: boolean;
  /** Inputs that need a new resource. */
  readonly replaces: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** The result of `read`, with the inputs that a program would have where they are known. */
export interface ReadResult {
  readonly id: string;
  readonly props: Record<string, unknown>;
  readonly inputs?: Record<string, unknown>;
}

/** The methods of a dynamic resource. `read` returns an empty ID if the resource is gone. */
export interface Handler {
  check(olds: Props, news: Props): Promise<CheckResult>;
  diff(id: string, olds: Props, news: Props): Promise<DiffResult>;
  create(inputs: Props): Promise<{ id: string; outs: Record<string, unknown> }>;
  read(id: string, props: Props): Promise<ReadResult>;
  /** Reads a resource that is in no state, by an ID that a user gives. Undefined for a resource that cannot be imported. */
  import?(id: string): Promise<ReadResult>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Record<string, unknown> }>;
  delete(id: string, props: Props): Promise<void>;
}

/** The result of `read` for a resource that is gone: the engine drops it from the state, and the next `up` creates it. */
export const GONE: ReadResult = Object.freeze({ id: "", props: {} });

/**
 * Thrown when a create or update stopped half-way. The engine keeps `id` and `properties` in the state, reports `reasons`,
 * and the next `up` calls `update` to continue.
 */
export class PartialError extends Error {
  override readonly name = "PartialError";
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly properties: Props,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.reasons = [this.message];
  }
}

/** The handler without stacks on its errors: the host prints them, and they do not help a user. */
export function withoutStacks(handler: Handler): Handler {
  const guard =
    <A extends unknown[], R>(method: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      try {
        return await method(...given);
      } catch (error) {
        if (error instanceof Error) error.stack = "";
        throw error;
      }
    };
  return {
    check: guard(handler.check),
    diff: guard(handler.diff),
    create: guard(handler.create),
    read: guard(handler.read),
    import: handler.import && guard(handler.import),
    update: guard(handler.update),
    delete: guard(handler.delete),
  };
}
