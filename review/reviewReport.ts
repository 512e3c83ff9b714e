/** The report of a preview as plain data: findings, messages, and every property that changes. */
import { type Action, type Change, changesOf, stackOutputs } from "./change";
import { isEqual, lastKey } from "./difference";
import { prose, redacted, shown } from "./displayValue";
import { expected } from "./expectedOutcome";
import { meaningOf, weightOf } from "./meaning/changeMeaning";
import { type Diagnostic, type Preview, UNKNOWN, urnParts, type Violation } from "./previewDocument";
import { type ReviewFinding, SECTIONS, type Section } from "./reviewFinding";

/** The subject: changes of the program, changes in Azure since the last `up`, or a destroy. */
export type ReportKind = "preview" | "drift" | "destroy";

/** A finding, or several with the same text; `subjects` are sorted. */
export interface Statement {
  readonly text: string;
  readonly subjects: readonly string[];
}

/** A section with its statements. */
export interface Part {
  readonly section: Section;
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** A resource with its properties, one line each, in the form of a diff. */
export interface Detail {
  readonly title: string;
  readonly lines: readonly string[];
}

/** A message of the engine, a provider or the program. */
export interface Notice {
  readonly severity: "error" | "warning" | "info";
  /** Pulumi's name of the resource; undefined for the stack. */
  readonly resource: string | undefined;
  readonly message: string;
}

/** A report. */
export interface Report {
  readonly kind: ReportKind;
  readonly stack: string;
  /** The preview did not finish: the report is incomplete. */
  readonly isFailed: boolean;
  readonly counts: Readonly<Record<Action, number>>;
  /** Sum of the counts. */
  readonly total: number;
  readonly destructive: readonly Statement[];
  readonly parts: readonly Part[];
  readonly notices: readonly Notice[];
  readonly violations: readonly Violation[];
  /** Names of resources that Pulumi lists as changed and `up` does not change. */
  readonly waiting: readonly string[];
  readonly details: readonly Detail[];
}

/** Options of {@link reportOf}. */
export interface ReportOptions {
  readonly kind?: ReportKind;
  /** Default: the stack of the steps, or "(unknown)". */
  readonly stack?: string | undefined;
  /** Whether the CLI failed; default: whether the diagnostics contain an error. */
  readonly isFailed?: boolean;
  /** Errors outside of the document; used if the document has none. */
  readonly errors?: readonly string[];
  readonly violations?: readonly Violation[];
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Merges findings with the same text; keeps the order, sorts the subjects. */
function statementsOf(findings: readonly ReviewFinding[]): readonly Statement[] {
  const subjects = new Map<string, Set<string>>();
  for (const { text, subject } of findings) {
    const known = subjects.get(text) ?? new Set();
    if (subject !== undefined) known.add(subject);
    subjects.set(text, known);
  }
  return [...subjects].map(([text, of]) => ({ text, subjects: [...of].sort(byText) }));
}

/** The properties of a change: inputs of a new resource, nothing of a deleted one, otherwise the differences. */
function detailOf(change: Change): Detail {
  const title = `${change.action} ${change.type} ${change.name}`;
  if (change.action === "delete") return { title, lines: [] };
  if (change.action === "create" || change.action === "import") {
    const lines = Object.keys(change.after)
      .filter((key) => change.after[key] !== undefined && change.after[key] !== UNKNOWN && !/^etag$/i.test(key))
      .sort(byText)
      .map((key) => `+ ${key}: ${shown(key, change.after[key])}`);
    return { title, lines };
  }
  const lines = change.differences.flatMap(({ path, before, after }) => {
    const name = lastKey(path);
    const [old, now] = [shown(name, before), shown(name, after)];
    if (after === UNKNOWN) return [`! ${path}: ${now}, now ${old}`];
    if (old === now) return [`! ${path}: ${now}${isEqual(before, after) ? " changes" : ", elsewhere than shown"}`];
    return [
      ...(before === undefined ? [] : [`- ${path}: ${old}`]),
      after === undefined ? `+ ${path}: (not set)` : `+ ${path}: ${now}`,
    ];
  });
  return { title, lines };
}

const SEVERITIES: Readonly<Record<Diagnostic["severity"], Notice["severity"] | undefined>> = Object.freeze({
  error: "error",
  warning: "warning",
  info: "info",
  "info#err": "info",
  debug: undefined,
});

/** A message that stays the same tomorrow: without the number of days left, and without the severity. */
function settledMessage(message: string): string {
  return redacted(message)
    .replace(/^(?:error|warning|info):\s*/, "")
    .replace(/ (?:within a day|in \d+ days?), on (?=\d{4}-)/g, " on ")
    .replace(/\s+$/g, "");
}

const RANK: Readonly<Record<Notice["severity"], number>> = Object.freeze({ error: 0, warning: 1, info: 2 });

/** Distinct messages, sorted by severity. */
function noticesOf(diagnostics: readonly Diagnostic[]): readonly Notice[] {
  const notices = new Map<string, Notice>();
  for (const { urn, message, severity } of diagnostics) {
    const weight = SEVERITIES[severity];
    const text = settledMessage(message);
    if (weight === undefined || text === "") continue;
    const resource = urn === undefined || urn === "" ? undefined : urnParts(urn).name;
    notices.set(JSON.stringify([RANK[weight], resource ?? "", text]), { severity: weight, resource, message: text });
  }
  return [...notices].sort(([one], [other]) => byText(one, other)).map(([, notice]) => notice);
}

/**
 * Steps that the summary counts and the document lacks: `pulumi refresh --json` omits updates of dynamic resources.
 */
function missingSteps({ steps, summary }: Preview): readonly Notice[] {
  return Object.entries(summary).flatMap(([op, counted]): readonly Notice[] => {
    const missing = counted - steps.filter((step) => step.op === op).length;
    if (missing <= 0 || op === "same" || op === "read") return [];
    const message =
      `Pulumi counts ${missing} more to ${op} than its JSON lists (as \`refresh --json\` does). ` +
      "`pulumi preview --refresh --json` lists all.";
    return [{ severity: "warning", resource: undefined, message }];
  });
}

const violationKey = ({ policy, urn, message }: Violation): string => JSON.stringify([policy, urn ?? "", message]);

/** The report of a preview. Pure: the order of the steps does not matter. */
export function reportOf(preview: Preview, options: ReportOptions = {}): Report {
  const { changes, waiting } = expected(changesOf(preview));
  const context = { changes, outputs: stackOutputs(preview) };
  // The most destructive first; the sort is stable.
  const findings = [...changes]
    .sort((one, other) => weightOf(one) - weightOf(other))
    .flatMap((change) => meaningOf(change, context));
  const hasError = preview.diagnostics.some(({ severity }) => severity === "error");
  const isRefused = (options.violations ?? []).some(({ isMandatory }) => isMandatory);
  // A violated policy fails the preview and is listed itself; "preview failed" would add nothing.
  const beside =
    hasError || isRefused ? [] : (options.errors ?? []).map((message) => ({ message, severity: "error" as const }));
  const notices = [...noticesOf([...beside, ...preview.diagnostics]), ...missingSteps(preview)];
  const expiring = notices.filter(({ severity, message }) => severity !== "info" && /\bexpire[sd]\b/.test(message));
  const parts = (Object.keys(SECTIONS) as Section[]).flatMap((section): readonly Part[] => {
    const own = findings.filter((finding) => finding.section === section);
    // Expiring certificates come as warnings; the report lists them in their section.
    const warnings = section === "expiry" ? expiring.map(({ message }) => ({ section, text: prose(message) })) : [];
    const statements = statementsOf([...warnings, ...own]);
    return statements.length === 0 ? [] : [{ section, title: SECTIONS[section], statements }];
  });
  const counts = { create: 0, import: 0, update: 0, replace: 0, delete: 0 };
  for (const { action } of changes) counts[action] += 1;
  const [first] = preview.steps;
  // A policy runs per resource and over the whole stack, and may report the same twice.
  const violations = [...new Map((options.violations ?? []).map((each) => [violationKey(each), each]))]
    .sort(([one], [other]) => byText(one, other))
    .map(([, violation]) => violation);
  return {
    kind: options.kind ?? "preview",
    stack: options.stack ?? (first ? urnParts(first.urn).stack : "(unknown)"),
    isFailed: options.isFailed ?? hasError,
    counts,
    total: changes.length,
    destructive: statementsOf(findings.filter(({ section }) => section === "destructive")),
    parts,
    notices: notices.filter((notice) => !expiring.includes(notice)),
    violations,
    waiting: waiting.map(({ type, name }) => `${type} ${name}`),
    details: changes.map(detailOf).filter(({ lines }) => lines.length > 0),
  };
}
