/** A report as Markdown for a pull request, within the maximum length of a comment. */
import type { Action } from "./change";
import { code } from "./displayValue";
import type { Detail, Notice, Part, Report, ReportKind, Statement } from "./reviewReport";

/** Maximum length of a GitHub comment in UTF-16 characters. GitLab and Azure DevOps allow more than twice as much. */
export const COMMENT_LIMIT = 65_536;

/** How much of a report is shown. */
interface Extent {
  /** Resources whose properties are listed. */
  readonly details: number;
  /** Statements of a part, and subjects of a statement. */
  readonly entries: number;
}

const WHOLE: Extent = { details: Number.POSITIVE_INFINITY, entries: Number.POSITIVE_INFINITY };

/** The first line of a comment, invisible when rendered: the next run finds the comment by it. */
export function marker({ kind, stack }: { readonly kind: ReportKind; readonly stack: string }): string {
  return `<!-- azure-iot-zero-touch ${kind} of ${stack.replaceAll("--", "- -")} -->`;
}

const TITLES: Readonly<Record<ReportKind, string>> = Object.freeze({
  preview: "Preview",
  drift: "Drift",
  destroy: "Preview of the destruction",
});

const LEADS: Readonly<Record<ReportKind, string>> = Object.freeze({
  preview: "`up` will do this.",
  drift: "Azure does not match the program. The next `up` would do this.",
  destroy: "`destroy` will do this.",
});

const PAST: Readonly<Record<Action, string>> = Object.freeze({
  create: "to create",
  import: "to import",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
});

function headline({ kind, stack, counts, total, isFailed, destructive, violations }: Report): string {
  const title = `## ${TITLES[kind]} of ${code(stack)}`;
  if (isFailed && violations.some(({ isMandatory }) => isMandatory)) {
    return `${title}: refused by a policy\n\n**A mandatory policy is violated**; \`up\` would be refused, too.`;
  }
  if (isFailed) {
    const what = "**The preview did not finish.** The report shows what it found before it failed.";
    return `${title}: failed\n\n${what}`;
  }
  const none = kind === "drift" ? "Azure matches the program." : "Nothing changes.";
  if (total === 0) return `${title}: no change\n\n${none}`;
  const summary = (Object.keys(PAST) as Action[])
    .filter((action) => counts[action] > 0)
    .map((action) => `${counts[action]} ${PAST[action]}`)
    .join(", ");
  const what = destructive.length > 0 ? ", **destructive**" : "";
  return `${title}: ${summary}${what}\n\n${LEADS[kind]}`;
}

function line({ text, subjects }: Statement, most: number): string {
  if (subjects.length === 0) return `- ${text}`;
  const rest = subjects.length - most;
  const names = subjects.slice(0, Math.max(most, 1)).join(", ");
  return `- ${text}: ${names}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function list(statements: readonly Statement[], most: number): string {
  const lines = statements.slice(0, most).map((statement) => line(statement, most));
  const rest = statements.length - lines.length;
  return [...lines, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join("\n");
}

/** Foreign text, unchanged, in a fence longer than any inside. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const NOTICES: Readonly<Record<Notice["severity"], string>> = Object.freeze({
  error: "Errors",
  warning: "Warnings",
  info: "Messages",
});

function notices(report: Report, severity: Notice["severity"], most: number): readonly string[] {
  const own = report.notices.filter((notice) => notice.severity === severity);
  if (own.length === 0) return [];
  const shown = own.slice(0, most).map(({ resource, message }) => (resource ? `${resource}: ${message}` : message));
  const rest = own.length - shown.length;
  const text = [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
  return [`### ${NOTICES[severity]}\n\n${fenced(text)}`];
}

function violations({ violations: all }: Report, most: number): readonly string[] {
  if (all.length === 0) return [];
  const statements = all.map(({ policy, urn, message, isMandatory }) => {
    const name = urn?.split("::").at(-1);
    const where = name === undefined ? "" : ` at ${code(name)}`;
    return {
      text: `${isMandatory ? "**Mandatory**" : "Advisory"} ${code(policy)}${where}: ${code(message)}`,
      subjects: [],
    };
  });
  return [`### Policies\n\n${list(statements, most)}`];
}

function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

const detailText = ({ title, lines }: Detail): string => [`@@ ${title} @@`, ...lines].join("\n");

function details({ details: all }: Report, most: number): readonly string[] {
  const shown = all.slice(0, most);
  if (shown.length === 0) return [];
  const rest = all.length - shown.length;
  const summary = rest > 0 ? `Properties of ${shown.length} of ${all.length} resources` : "Every property that changes";
  return [folded(summary, fenced(shown.map(detailText).join("\n\n"), "diff"))];
}

function waiting({ waiting: names }: Report, most: number): readonly string[] {
  if (names.length === 0) return [];
  const text =
    "Pulumi lists these as changed because an input is unknown before `up`. The input comes from a resource that is " +
    "updated in place, and such an update does not change it:";
  const statements = names.map((name) => ({ text: code(name), subjects: [] }));
  return [
    folded(
      `${names.length} more in Pulumi's own list, which up does not change`,
      `${text}\n\n${list(statements, most)}`,
    ),
  ];
}

const part = ({ title, statements }: Part, most: number): string => `### ${title}\n\n${list(statements, most)}`;

function blocks(report: Report, { details: resources, entries }: Extent): readonly string[] {
  const destructive = report.destructive.length > 0 ? [`### Destructive\n\n${list(report.destructive, entries)}`] : [];
  return [
    marker(report),
    headline(report),
    ...notices(report, "error", entries),
    ...violations(report, entries),
    ...destructive,
    ...report.parts.map((each) => part(each, entries)),
    ...notices(report, "warning", entries),
    ...notices(report, "info", entries).map((text) => folded("Messages", text.replace(/^.*\n\n/, ""))),
    ...waiting(report, entries),
    ...details(report, resources),
  ];
}

const joined = (texts: readonly string[]): string => `${texts.join("\n\n")}\n`;

/** The whole report, of any length. */
export function fullMarkdown(report: Report): string {
  return joined(blocks(report, WHOLE));
}

/** Cuts at the end of a line and closes an open fence. Only for extremely long texts. */
function cut(text: string, length: number): string {
  const kept = text.slice(0, Math.max(0, length - 20)).replace(/\n[^\n]*$/, "");
  const isOpen = (kept.match(/^`{3,}/gm) ?? []).length % 2 === 1;
  return isOpen ? `${kept}\n\`\`\`\n` : `${kept}\n`;
}

/** A comment, and whether anything was left out of it. */
export interface Comment {
  readonly text: string;
  readonly isCut: boolean;
}

/**
 * The report within `limit` characters. Properties are left out first, resource by resource, then entries of long lists;
 * destructive changes come first and are left out last. A note names `attachment` as the place of the whole report.
 */
export function commentMarkdown(report: Report, attachment: string, limit: number = COMMENT_LIMIT): Comment {
  const full = fullMarkdown(report);
  if (full.length <= limit) return { text: full, isCut: false };
  const note = `> This report is shortened; the whole one is ${code(attachment)} among this run's files.`;
  const render = (extent: Extent): string => joined([...blocks(report, extent), note]);
  // The longest list of resources that fits, found by halving.
  let [least, most] = [0, report.details.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (render({ details: middle, entries: WHOLE.entries }).length <= limit) least = middle;
    else most = middle - 1;
  }
  for (const entries of [WHOLE.entries, 200, 100, 50, 20, 10, 5, 2, 1]) {
    const text = render({ details: least, entries });
    if (text.length <= limit) return { text, isCut: true };
  }
  const shortest = joined(blocks(report, { details: 0, entries: 1 }));
  const room = limit - note.length - 2;
  return {
    text: room > 0 ? `${cut(shortest, room)}\n${note}\n`.slice(0, limit) : shortest.slice(0, limit),
    isCut: true,
  };
}
