/** A step of the engine: what it does with a resource, and the properties for which it does so. */
export interface EngineStep {
  /** `create`, `update`, `delete`, … */
  readonly op: string;
  /** The resource's name. */
  readonly name: string;
  /** Paths of the changed properties, sorted. */
  readonly properties: readonly string[];
}

interface EngineEvent {
  readonly resourcePreEvent?: {
    readonly metadata: { readonly op: string; readonly urn: string; readonly detailedDiff?: object | null };
  };
}

/** What changes nothing. */
const NEUTRAL: ReadonlySet<string> = new Set(["same", "refresh", "read"]);

/** The steps of an `up --json`, which prints the engine's events, a line each; without those that change nothing. */
export function changesIn(output: string): readonly EngineStep[] {
  const events = output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): EngineEvent => JSON.parse(line));
  return events.flatMap(({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined || NEUTRAL.has(resourcePreEvent.metadata.op)) return [];
    const { op, urn, detailedDiff } = resourcePreEvent.metadata;
    return [{ op, name: urn.split("::").at(-1) ?? "", properties: Object.keys(detailedDiff ?? {}).sort() }];
  });
}

/** The same as operation and name, sorted: the engine's order is that of the providers' responses. */
export const stepsIn = (output: string): readonly string[] =>
  changesIn(output)
    .map(({ op, name }) => `${op} ${name}`)
    .sort();
