/** What `pulumi preview --json` prints, as far as a review needs it (pulumi/pkg/display `PreviewDigest`). */

import { isObject } from "../azure/wire/jsonObject";

/** A bag of inputs or outputs: plain JSON, secrets as the text `[secret]`, unknown values as {@link UNKNOWN}. */
export type Bag = Readonly<Record<string, unknown>>;

/** The engine's placeholder for a value that is not known before `up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource before or after a step. */
export interface State {
  readonly type: string;
  readonly custom?: boolean;
  readonly id?: string;
  readonly inputs?: Bag;
  readonly outputs?: Bag;
  /** URNs of the resources that an input comes from, by the input's name. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs?: readonly string[];
  readonly protect?: boolean;
}

/** One step of the engine. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State;
  readonly newState?: State;
  /** Inputs that cause a replacement; dynamic resources have them, dependents of a replaced resource do not. */
  readonly replaceReasons?: readonly string[] | null;
  /** Paths that the provider says differ; null for dynamic resources. */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind?: string }>> | null;
}

/** A message of the engine, a provider or the program. */
export interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  readonly severity: "info" | "info#err" | "warning" | "error" | "debug";
}

/** A violated policy, from the engine's event log: the digest has none. */
export interface Violation {
  readonly policy: string;
  readonly urn: string | undefined;
  readonly message: string;
  readonly isMandatory: boolean;
}

/** A preview. */
export interface Preview {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** Steps by operation, components counted; empty if the engine did not finish. */
  readonly summary: Readonly<Record<string, number>>;
}

/** The text is not a preview. `message` is one sentence and quotes nothing of the text. */
export class PreviewFormatError extends Error {
  override readonly name = "PreviewFormatError";
  /** `NOT_JSON`: not a JSON document; `NOT_A_PREVIEW`: other JSON. */
  constructor(
    readonly code: "NOT_JSON" | "NOT_A_PREVIEW",
    message: string,
  ) {
    super(message);
  }
}

const isStep = (value: unknown): boolean =>
  isObject(value) && typeof value.op === "string" && typeof value.urn === "string";

/**
 * The document in the text, without what the CLI prints after it if both streams go to one file (`error: no changes were
 * expected …`). The document's closing brace is alone on its line.
 */
function documentOf(text: string): unknown {
  const begin = text.indexOf("{");
  const ends = [...text.matchAll(/^\}\s*$/gm)].map((match) => match.index + 1);
  for (const end of [text.length, ...ends.reverse()]) {
    try {
      return JSON.parse(text.slice(Math.max(begin, 0), end));
    } catch {
      // Try the next place where it could end.
    }
  }
  throw new PreviewFormatError("NOT_JSON", "The text is not JSON of `pulumi preview --json`.");
}

/** Parses a preview. Errors: {@link PreviewFormatError}. */
export function readPreview(text: string): Preview {
  const document = documentOf(text);
  if (!isObject(document)) throw new PreviewFormatError("NOT_A_PREVIEW", "The JSON is not an object.");
  const { steps = [], diagnostics = [], changeSummary = {} } = document;
  const isPreview = "steps" in document || "diagnostics" in document || "changeSummary" in document;
  if (!isPreview || !Array.isArray(steps ?? []) || !(steps as unknown[]).every(isStep)) {
    const reason = "The JSON has no steps of a preview: take the output of `pulumi preview --json`.";
    throw new PreviewFormatError("NOT_A_PREVIEW", reason);
  }
  return {
    steps: steps as readonly Step[],
    diagnostics: (Array.isArray(diagnostics) ? diagnostics : []) as readonly Diagnostic[],
    summary: (isObject(changeSummary) ? changeSummary : {}) as Readonly<Record<string, number>>,
  };
}

/** The parts of a URN, `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. A name may contain colons. */
export function urnParts(urn: string): { readonly stack: string; readonly type: string; readonly name: string } {
  const [head = "", , types = "", ...name] = urn.split("::");
  return { stack: head.replace(/^urn:pulumi:/, ""), type: types.split("$").at(-1) ?? "", name: name.join("::") };
}
