import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Violation } from "../../review/previewDocument";
import type { ReportKind } from "../../review/reviewReport";
import { run } from "../runProgram";
import type { Engine } from "./devStack";
import { knownErrorOf } from "./engineErrors";

/** What a preview printed, and how it ended. */
export interface Recorded {
  /** The JSON document on stdout. */
  readonly text: string;
  readonly code: number;
  /** What the CLI itself had to say on stderr: its document has no word of a policy pack that did not start. */
  readonly errors: readonly string[];
  readonly violations: readonly Violation[];
}

/**
 * The CLI's words for each kind. Drift is looked at by a preview that refreshes first: `refresh --json` does not say what
 * it would update in a dynamic resource.
 */
export const COMMANDS: Readonly<Record<ReportKind, readonly string[]>> = Object.freeze({
  preview: ["preview"],
  drift: ["preview", "--refresh"],
  destroy: ["destroy", "--preview-only"],
});

interface PolicyEvent {
  readonly resourceUrn?: string;
  readonly message?: string;
  readonly policyName?: string;
  readonly policyPackName?: string;
  readonly enforcementLevel?: string;
}

/** The violated policies in an event log: a line of JSON an event, of which the digest on stdout has none. */
export function violationsOf(log: string): readonly Violation[] {
  return log.split("\n").flatMap((line): readonly Violation[] => {
    if (!line.includes('"policyEvent"')) return [];
    const { policyEvent: event } = JSON.parse(line) as { policyEvent?: PolicyEvent };
    if (event === undefined) return [];
    // The log keeps the marks of colours, such as <{%reset%}>.
    const message = (event.message ?? "").replace(/<\{%[^%]*%\}>/g, "");
    return [
      {
        policy: [event.policyPackName, event.policyName].filter((part) => part !== undefined).join("/"),
        urn: event.resourceUrn === "" ? undefined : event.resourceUrn,
        message,
        isMandatory: event.enforcementLevel === "mandatory",
      },
    ];
  });
}

/** The variable that makes the CLI know --event-log. */
const SHOW_EVENT_LOG = "PULUMI_DEBUG_COMMANDS";

/**
 * Runs a preview; its stderr is ours too. Never rejects because the preview failed: the code and the document say so.
 * Errors: a SetupError for an error that the CLI is known to report, such as a wrong passphrase.
 */
export async function recordPreview(engine: Engine, kind: ReportKind, args: readonly string[]): Promise<Recorded> {
  const lines: string[] = [];
  const errors: string[] = [];
  const hasPolicies = args.some((argument) => /^--policy-pack(?:=|$)/.test(argument));
  const folder = hasPolicies ? mkdtempSync(join(tmpdir(), "zero-touch-preview-")) : undefined;
  const log = folder === undefined ? undefined : join(folder, "events.json");
  try {
    const own = [...COMMANDS[kind], "--json", "--non-interactive", ...(log === undefined ? [] : ["--event-log", log])];
    const code = await run(engine.cli.file, [...own, ...args], {
      cwd: engine.paths.root,
      env: { ...engine.env, NO_COLOR: "1", ...(log === undefined ? {} : { [SHOW_EVENT_LOG]: "true" }) },
      stdout: (line) => {
        lines.push(line);
        return undefined;
      },
      stderr: (line) => {
        if (line.startsWith("error: ")) errors.push(line);
        return line;
      },
    });
    const knownError = code === 0 ? undefined : errors.map(knownErrorOf).find((known) => known !== undefined);
    if (knownError !== undefined) throw knownError;
    const violations = log === undefined ? [] : violationsOf(readFileSync(log, "utf8"));
    return { text: lines.join("\n"), code, errors, violations };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
