import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { PreviewFormatError, readPreview } from "../../review/previewDocument";
import { COMMENT_LIMIT, commentMarkdown, fullMarkdown } from "../../review/reportMarkdown";
import { type Report, type ReportKind, type ReportOptions, reportOf } from "../../review/reviewReport";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { prepare } from "../preparedEngine";
import { recover } from "../pulumi/devStack";
import { ownEngine } from "../pulumi/ownEngine";
import { checkPrefix } from "../pulumi/prefixChange";
import { COMMANDS, recordPreview } from "../pulumi/recordedPreview";

/** Exit codes: what a pipeline may want to stop at. */
const EXIT = Object.freeze({ reported: 0, failed: 1, destructive: 3, changed: 4 });

interface PreviewReportOptions {
  readonly kind: ReportKind;
  /** undefined: not said. */
  readonly stack: string | undefined;
  /** A file, or `-` for stdin; undefined: a preview is run. */
  readonly from: string | undefined;
  readonly out: string | undefined;
  readonly full: string | undefined;
  readonly limit: number;
  readonly failOnDestructive: boolean;
  readonly expectNoChanges: boolean;
  /** For Pulumi. */
  readonly others: readonly string[];
}

const refused = (what: string, why: string): SetupError =>
  new SetupError("UNKNOWN_ARGUMENT", what, why, ["npm run preview:report", "see docs/pull-requests.md"]);

/** What the arguments ask for. Errors: SetupError UNKNOWN_ARGUMENT. */
export function wantedOf(args: Arguments): PreviewReportOptions {
  const wanted = {
    kind: (args.text("of") ?? "preview") as ReportKind,
    stack: args.text("stack"),
    from: args.text("from"),
    out: args.text("out"),
    full: args.text("full"),
    limit: args.number("limit") ?? COMMENT_LIMIT,
    failOnDestructive: args.has("fail-on-destructive"),
    expectNoChanges: args.has("expect-no-changes"),
    others: args.rest,
  };
  if (wanted.from !== undefined && wanted.others.length > 0) {
    throw refused(`Unknown argument: ${wanted.others.join(" ")}`, "With --from no preview is run that could take it.");
  }
  if (wanted.full !== undefined && wanted.out === undefined) {
    throw refused("--full needs --out.", "The whole report is the file beside the comment.");
  }
  return wanted;
}

/** Standard input, or a file. Errors: SetupError NO_PREVIEW. */
function readText(from: string): string {
  try {
    return readFileSync(from === "-" ? 0 : from, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError("NO_PREVIEW", "The preview cannot be read.", why, ["pulumi preview --json > preview.json"], {
      cause,
    });
  }
}

/** Errors: SetupError NOT_A_PREVIEW. */
function reportOfText(text: string, options: ReportOptions): Report {
  try {
    return reportOf(readPreview(text), options);
  } catch (cause) {
    if (!(cause instanceof PreviewFormatError)) throw cause;
    const way = [
      "take what `pulumi preview --json` prints on stdout",
      "npm run preview:report (runs the preview itself)",
    ];
    throw new SetupError("NOT_A_PREVIEW", "There is no preview to report of.", cause.message, way, { cause });
  }
}

/** The stack `dev` lives on the local Azure, which is made ready; any other one takes this shell as it is. */
async function ranReport(paths: Paths, { kind, stack = STACK, others }: PreviewReportOptions): Promise<Report> {
  const isLocal = stack === STACK;
  const prepared = isLocal ? await prepare(paths) : undefined;
  if (prepared !== undefined) {
    await recover(prepared, prepared.ready.subscriptionId);
    checkPrefix(paths);
  }
  const engine = prepared ?? (await ownEngine(paths));
  const { text, code, errors, violations } = await recordPreview(engine, kind, ["--stack", stack, ...others]);
  if (text.trim() === "") {
    const why = `pulumi ${COMMANDS[kind].join(" ")} ended with code ${code} and printed no JSON; see its output above.`;
    throw new SetupError("PREVIEW_FAILED", "The preview failed before it began.", why, [
      `npm run pulumi -- preview --stack ${stack}`,
    ]);
  }
  return reportOfText(text, { kind, stack, isFailed: code !== 0, errors, violations });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
}

/** Where the whole report lies beside a comment: `preview.md` has `preview.full.md`. */
export const fullName = (out: string): string =>
  join(dirname(out), `${basename(out, extname(out))}.full${extname(out)}`);

/**
 * `npm run preview:report [-- OPTIONS]`: a preview as Markdown for a review. Exit codes: 0 reported, whether something
 * changes or not; 1 the preview failed (its report is written all the same); 3 destructive with --fail-on-destructive; 4
 * changes with --expect-no-changes. Options: docs/pull-requests.md; unknown ones go to Pulumi.
 */
export async function previewReport(
  paths: Paths,
  args: Arguments,
  print: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<number> {
  const wanted = wantedOf(args);
  const { kind, stack, from, out, limit } = wanted;
  const report =
    from === undefined
      ? await ranReport(paths, wanted)
      : reportOfText(readText(from), { kind, ...(stack === undefined ? {} : { stack }) });
  const full = out === undefined ? undefined : (wanted.full ?? fullName(out));
  const comment = commentMarkdown(report, full === undefined ? "the whole report" : basename(full), limit);
  if (out === undefined) process.stdout.write(comment.text);
  else {
    write(out, comment.text);
    if (full !== undefined) write(full, fullMarkdown(report));
    print(`${report.total} to change, ${report.destructive.length} destructive: ${out}\n`);
  }
  if (report.isFailed) return EXIT.failed;
  if (wanted.failOnDestructive && report.destructive.length > 0) return EXIT.destructive;
  if (wanted.expectNoChanges && report.total > 0) return EXIT.changed;
  return EXIT.reported;
}
