/** What `pulumi preview --json` prints, as far as a review needs it (pulumi/pkg/display `PreviewDigest`). */

/** A bag of inputs or outputs: plain JSON, secrets as the text `[secret]`, values not known yet as {@link UNKNOWN}. */
export type Bag = Readonly<Record<string, unknown>>;

/** How the engine writes a value that is not known before `up`. */
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
  /** Inputs by which the resource is replaced; a dynamic resource tells them, a dependent of a replaced one does not. */
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

/** A violated policy. The digest has none of these: they come from the engine's event log. */
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
  /** Steps by operation, components counted; empty where the engine did not come to its end. */
  readonly summary: Readonly<Record<string, number>>;
}

/** Why a text is no preview; `message` says it in one sentence and quotes nothing. */
export class PreviewFormatError extends Error {
  override readonly name = "PreviewFormatError";
  /** `NOT_JSON`: no JSON document; `NOT_A_PREVIEW`: JSON of another kind. */
  constructor(
    readonly code: "NOT_JSON" | "NOT_A_PREVIEW",
    message: string,
  ) {
    super(message);
  }
}

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

const isStep = (value: unknown): boolean =>
  isBag(value) && typeof value.op === "string" && typeof value.urn === "string";

/**
 * The document in the text. What the CLI prints after it (`error: no changes were expected …`, when both streams went to
 * one file) is left out; the closing brace of the document stands alone on its line.
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
  throw new PreviewFormatError("NOT_JSON", "It is not the JSON that `pulumi preview --json` prints.");
}

/** Reads a preview. Errors: {@link PreviewFormatError}. */
export function readPreview(text: string): Preview {
  const document = documentOf(text);
  if (!isBag(document)) throw new PreviewFormatError("NOT_A_PREVIEW", "The JSON is no object.");
  const { steps = [], diagnostics = [], changeSummary = {} } = document;
  const isPreview = "steps" in document || "diagnostics" in document || "changeSummary" in document;
  if (!isPreview || !Array.isArray(steps ?? []) || !(steps as unknown[]).every(isStep)) {
    const reason = "The JSON has no steps of a preview: take the output of `pulumi preview --json`.";
    throw new PreviewFormatError("NOT_A_PREVIEW", reason);
  }
  return {
    steps: steps as readonly Step[],
    diagnostics: (Array.isArray(diagnostics) ? diagnostics : []) as readonly Diagnostic[],
    summary: (isBag(changeSummary) ? changeSummary : {}) as Readonly<Record<string, number>>,
  };
}

/** The parts of a URN, `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. A name may have colons of its own. */
export function urnParts(urn: string): { readonly stack: string; readonly type: string; readonly name: string } {
  const [head = "", , types = "", ...name] = urn.split("::");
  return { stack: head.replace(/^urn:pulumi:/, ""), type: types.split("$").at(-1) ?? "", name: name.join("::") };
}
