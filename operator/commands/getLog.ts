import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { DAY_MS } from "../../certs/clock";
import { firstLine } from "../../doctor/doctorResult";
import { LOG_ROLES, type LogEntry, type LogRange, type LogRole } from "../logs/logEntry";
import { LOG_SOURCES } from "../logs/logSources";
import { tarArchive } from "../logs/tarArchive";
import { OperatorError } from "../operatorError";
import type { StackDependencies } from "../stack/stackDependencies";
import type { CommandOutput, OperatorCommand, ParameterValues } from "./operatorCommand";
import { numberParameter, switchParameter } from "./stackCommand";

/** Entries without `-Last`. */
const LAST = 200;
/** Bytes of a bundle, compressed: as base64 it is in an entry of the transcript, which has a limit. */
const BUNDLE_LIMIT = 2 * 1024 * 1024;

/** Errors: ParameterInvalid. */
function rangeOf({ FromDate, ToDate }: ParameterValues, now: Date): LogRange {
  const to = ToDate instanceof Date ? ToDate : now;
  const from = FromDate instanceof Date ? FromDate : new Date(to.getTime() - DAY_MS);
  if (from <= to) return { from, to };
  throw new OperatorError("ParameterInvalid", "-FromDate is after -ToDate.", "exchange them");
}

const lineOf = ({ time, role, text, data }: LogEntry): string =>
  `${time}  ${role}  ${text}${data === undefined ? "" : `  ${JSON.stringify(data)}`}`;

/** A gzip-compressed tar archive with a file of JSON lines for each role. */
function bundleOf(entries: readonly LogEntry[], roles: readonly LogRole[], now: Date): CommandOutput {
  const files = roles.map((role) => {
    const lines = entries.filter((entry) => entry.role === role).map((entry) => `${JSON.stringify(entry)}\n`);
    return { name: `${role}.jsonl`, bytes: Buffer.from(lines.join("")) };
  });
  const bytes = gzipSync(tarArchive(files, now));
  if (bytes.length > BUNDLE_LIMIT) {
    const text = `The bundle has ${bytes.length} bytes; the limit is ${BUNDLE_LIMIT}.`;
    throw new OperatorError("ParameterInvalid", text, "choose a shorter time, or fewer roles with -FilterByRole");
  }
  const name = `log-${now.toISOString().slice(0, 19).replace(/[-:]/g, "")}.tar.gz`;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const content = bytes.toString("base64");
  const list = files.map((file) => ({ name: file.name, bytes: file.bytes.length }));
  const value = { name, bytes: bytes.length, sha256, files: list, content };
  return { value, text: content };
}

/** Get-Log: entries of all logs by time and role, as lines or as a bundle. */
export const getLog = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Get-Log",
  about: "Shows log entries of the endpoint, Pulumi, the services and the local Azure, by time and role.",
  parameters: [
    { name: "FromDate", type: "DateTime", about: "Begin, ISO 8601. Default: a day before -ToDate." },
    { name: "ToDate", type: "DateTime", about: "End, ISO 8601. Default: now." },
    {
      name: "FilterByRole",
      type: "String[]",
      about: "Roles. Default: all of them.",
      choices: LOG_ROLES,
    },
    {
      name: "Last",
      type: "Int32",
      about: `The newest entries, at most this many. Default: ${LAST}.`,
      from: 1,
      to: 2000,
    },
    {
      name: "Bundle",
      type: "Switch",
      about: "All entries as base64 of a tar.gz file, a JSON lines file for each role.",
    },
  ],
  role: "operator",
  example: "Get-Log -FilterByRole Operator,Pulumi -FromDate 2026-01-31",
  async run(parameters, context) {
    const now = context.clock.now();
    const range = rangeOf(parameters, now);
    const wanted = parameters.FilterByRole;
    const roles = Array.isArray(wanted)
      ? LOG_ROLES.filter((role) => wanted.some((name) => sameName(name, role)))
      : LOG_ROLES;
    let read: ReturnType<typeof dependencies.stack.resources> | undefined;
    const resources = () => {
      read ??= dependencies.stack.resources();
      return read;
    };
    const scene = { ...dependencies, store: context.store, range, resources };
    const errors: { role: LogRole; error: string }[] = [];
    const found = await Promise.all(
      roles.map((role) =>
        LOG_SOURCES[role](scene).catch((error: unknown) => {
          errors.push({ role, error: firstLine(error) });
          return [];
        }),
      ),
    );
    const entries = found.flat().sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
    if (switchParameter(parameters, "Bundle")) return bundleOf(entries, roles, now);
    const shown = entries.slice(-(numberParameter(parameters, "Last") ?? LAST));
    const lines = [
      ...shown.map(lineOf),
      ...errors.map(({ role, error }) => `${role} could not be read: ${error}`),
      `${shown.length} of ${entries.length} entries.`,
    ];
    const value = {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      roles,
      count: entries.length,
      entries: shown,
      errors,
    };
    return { value, text: lines.join("\n") };
  },
});

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
