/** The changes of a preview: one per resource, even where the engine takes several steps. */
import { dynamicType } from "../azure/toolkitTypes";
import { type Difference, differences, hiddenDifferences } from "./difference";
import { SECRET } from "./displayValue";
import { type Bag, type Preview, type State, type Step, UNKNOWN, urnParts } from "./previewDocument";

/** What happens to a resource. */
export type Action = "create" | "import" | "update" | "replace" | "delete";

/** A resource that changes. */
export interface Change {
  readonly urn: string;
  /** The last part of the type token: `IotHubResource`, `EnrollmentGroup`. */
  readonly type: string;
  /** The whole token. */
  readonly token: string;
  /** Pulumi's name of it. */
  readonly name: string;
  readonly action: Action;
  /** Inputs. */
  readonly before: Bag;
  readonly after: Bag;
  /** Current outputs. */
  readonly outputs: Bag;
  /** Of an update or a replacement; sorted by path. */
  readonly differences: readonly Difference[];
  /** Inputs that cause the replacement, sorted; empty if it is replaced because of a dependency. */
  readonly reasons: readonly string[];
  /** URNs of the resources that an input comes from, by the input's name. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

const ACTIONS: Readonly<Record<string, Action>> = Object.freeze({
  create: "create",
  import: "import",
  update: "update",
  delete: "delete",
  discard: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  "read-replacement": "replace",
  "discard-replaced": "replace",
  "remove-pending-replace": "replace",
});

/** Inputs without the engine's own. An input with the name of a secret output is hidden even if it is in clear text. */
function inputsOf(state: State | undefined): Bag {
  const secret = new Set(state?.additionalSecretOutputs ?? []);
  const entries = Object.entries(state?.inputs ?? {}).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, secret.has(key) && value !== UNKNOWN ? SECRET : value]),
  );
}

/** Masks the random suffix of a generated resource name: every preview generates another one. */
function maskSuffix(name: string, before: Bag, after: Bag): Bag {
  const isGenerated = (key: string, value: unknown): boolean =>
    typeof value === "string" &&
    value !== before[key] &&
    value.startsWith(name) &&
    /^[0-9a-f]{8}$/.test(value.slice(name.length));
  const entries = Object.entries(after);
  return Object.fromEntries(entries.map(([key, value]) => [key, isGenerated(key, value) ? `${name}########` : value]));
}

function changeOf(steps: readonly Step[], action: Action): Change | undefined {
  const oldState = steps.find((step) => step.oldState)?.oldState;
  const newState = steps.find((step) => step.newState)?.newState;
  const [first] = steps;
  if (!first || (newState ?? oldState)?.custom === false) return undefined;
  const { type: token, name } = urnParts(first.urn);
  if (token.startsWith("pulumi:providers:") || token === "pulumi:pulumi:Stack") return undefined;
  const before = inputsOf(oldState);
  const after = maskSuffix(name, before, inputsOf(newState));
  const isCompared = action === "update" || action === "replace";
  const seen = isCompared ? differences(before, after) : [];
  const paths = isCompared ? steps.flatMap((step) => Object.keys(step.detailedDiff ?? {})) : [];
  return {
    urn: first.urn,
    token: dynamicType(token),
    type: token.split(":").at(-1) ?? token,
    name,
    action,
    before,
    after,
    outputs: oldState?.outputs ?? {},
    differences: [...seen, ...hiddenDifferences([...new Set(paths)], seen)],
    reasons: [...new Set(steps.flatMap((step) => step.replaceReasons ?? []))].sort(),
    sources: newState?.propertyDependencies ?? {},
  };
}

/** The changes, sorted by type and name: the engine's order differs from run to run. */
export function changesOf(preview: Preview): readonly Change[] {
  const steps = new Map<string, Step[]>();
  for (const step of preview.steps) {
    if (Object.hasOwn(ACTIONS, step.op)) steps.set(step.urn, [...(steps.get(step.urn) ?? []), step]);
  }
  return [...steps.values()]
    .map((own) => {
      const actions = new Set(own.map((step) => ACTIONS[step.op]));
      const [only = "update"] = actions;
      return changeOf(own, actions.size > 1 ? "replace" : only);
    })
    .filter((change) => change !== undefined)
    .sort((one, other) => {
      const [a, b] = [`${one.type}\n${one.name}\n${one.urn}`, `${other.type}\n${other.name}\n${other.urn}`];
      return a < b ? -1 : a > b ? 1 : 0;
    });
}

/** The current outputs of the stack; empty for a new one. */
export function stackOutputs(preview: Preview): Bag {
  const stack = preview.steps.find((step) => urnParts(step.urn).type === "pulumi:pulumi:Stack" && step.oldState);
  return stack?.oldState?.outputs ?? {};
}
