/** Reads a file of individual enrollments and reports every error in it before anything is changed. */
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, extname, isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { nameKey } from "../../azure/names";
import { CertsError } from "../../certs/errors";
import { decodeText } from "../../certs/textEncoding";
import type { ListedEnrollment } from "../../providers/enrollmentListResource";
import { withoutStack } from "../withoutStack";
import { shownValue } from "./enrollmentColumns";
import { malformed, READERS, type Row, type RowError, type Rows } from "./enrollmentRows";

/** The enrollments of a file, by registration ID. */
export type ListedEnrollments = Readonly<Record<string, ListedEnrollment>>;

/** Reads a file that a row names; its path is relative to the folder of the enrollment file. */
export type ReadText = (path: string) => Promise<string>;

/** The most errors that a message lists. */
const SHOWN = 50;
/** Placeholder for an attestation that the stack adds later: the engine's constant for a value that is not known yet. */
const LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KINDS = ["certificate", "caReference", "symmetricKey", "tpm"];

/** In Excel, "CSV" alone is in the code page of the machine. */
const ENCODING_REMEDY = 'save the file as UTF-8 (in Excel: "CSV UTF-8")';

const REMEDIES: Readonly<Record<string, string>> = {
  registrationId: "give the device a registration ID of its own that follows the rule",
  certificate: "give the path of the device's own certificate in PEM, below the folder of this file",
  secondaryCertificate: "give the path of the device's other certificate in PEM, below the folder of this file",
};

/** One message with every error: line, registration ID, field, value, rule, remedy. */
export function fileMessage(path: string, errors: readonly RowError[]): string {
  const count = errors.length === 1 ? "one error" : `${errors.length} errors`;
  const lines = [...errors]
    .sort((a, b) => a.line - b.line)
    .slice(0, SHOWN)
    .map(({ line, registrationId, field, value, rule, remedy }) => {
      const who = registrationId === undefined ? "" : `, ${registrationId}`;
      const what = field === "" ? "" : ` ${field}${value === "" ? "" : ` = ${JSON.stringify(value)}`}:`;
      return `  line ${line}${who}:${what} ${rule}\n    To fix: ${remedy}`;
    });
  const more = errors.length > SHOWN ? [`  and ${errors.length - SHOWN} more`] : [];
  return [`The file of individuals ${path} has ${count}; nothing was changed.`, ...lines, ...more].join("\n");
}

/** The first certificate in PEM text, without the rest: a bundle holds a key, too. */
function firstCertificate(text: string): string | undefined {
  return /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/.exec(text)?.[0].replace(/$/, "\n");
}

/** Reads the certificates that a row names, in place of their paths. */
async function withCertificates(row: Row, read: ReadText, note: (field: string, rule: string) => void): Promise<Row> {
  const { sha256Thumbprint, ...fields } = row.fields;
  const certificates: Record<string, string> = {};
  for (const name of ["certificate", "secondaryCertificate"]) {
    const given = fields[name];
    if (typeof given !== "string" || given === "") continue;
    const text = given.includes("-----BEGIN") ? given : await read(given).catch(() => undefined);
    if (text === undefined) note(name, "the file cannot be read");
    const pem = text === undefined ? undefined : firstCertificate(text);
    if (text !== undefined && pem === undefined) note(name, "holds no PEM certificate");
    if (pem === undefined) continue;
    certificates[name] = pem;
    if (typeof sha256Thumbprint === "string" && thumbprintOf(pem) !== sha256Thumbprint)
      note(name, "holds another certificate than the manifest names");
  }
  return { line: row.line, fields: { ...fields, ...certificates } };
}

function thumbprintOf(pem: string): string | undefined {
  try {
    return createHash("sha256").update(new X509Certificate(pem).raw).digest("hex").toUpperCase();
  } catch {
    return undefined;
  }
}

/** The enrollments of rows, and every error in them; `taken` are registration IDs in use elsewhere, in lower case. */
export async function enrollmentsOf(
  { rows, errors: before }: Rows,
  read: ReadText,
  now: Date,
  taken: ReadonlySet<string> = new Set(),
): Promise<{ readonly enrollments: ListedEnrollments; readonly errors: readonly RowError[] }> {
  // Loaded at need: a program without such a file does not wait for the rules.
  const { checkEntry } =
    require("../../providers/handlers/enrollmentList/listEntry") as typeof import("../../providers/handlers/enrollmentList/listEntry");
  const errors: RowError[] = [...before];
  const enrollments: Record<string, ListedEnrollment> = {};
  const lines = new Map<string, number>();
  for (const row of rows) {
    const { registrationId } = row.fields;
    const id = typeof registrationId === "string" ? registrationId : undefined;
    const found = new Set(before.filter(({ line }) => line === row.line).map(({ field }) => field));
    const note = (field: string, rule: string): void => {
      if (found.has(field)) return;
      found.add(field);
      const remedy = REMEDIES[field] ?? `correct ${field} in line ${row.line}`;
      const who = id === undefined ? {} : { registrationId: id };
      errors.push({ line: row.line, ...who, field, value: shownValue(field, row.fields[field]), rule, remedy });
    };
    if (id === undefined || id === "") {
      note("registrationId", registrationId === undefined || id === "" ? "is missing" : "must be text");
      continue;
    }
    const earlier = lines.get(nameKey("registrationId", id));
    if (earlier !== undefined) note("registrationId", `is in line ${earlier} already`);
    if (taken.has(nameKey("registrationId", id))) note("registrationId", "is a sample device of this stack already");
    lines.set(nameKey("registrationId", id), row.line);
    const { registrationId: _id, ...entry } = (await withCertificates(row, read, note)).fields;
    const isNamed = KINDS.some((kind) => entry[kind] !== undefined);
    const whole = isNamed ? entry : { ...entry, caReference: LATER };
    for (const { property, reason } of checkEntry(id, whole, undefined, now).failures) note(property, reason);
    enrollments[id] = entry as ListedEnrollment;
  }
  if (rows.length === 0 && before.length === 0) {
    const remedy = "list at least one device, or remove the setting individualsFile";
    errors.push({ line: 1, field: "", value: "", rule: "no device is listed", remedy });
  }
  return { enrollments, errors };
}

async function readRows(bytes: Uint8Array, read: (text: string) => Promise<Rows>): Promise<Rows> {
  let text = "";
  try {
    for await (const part of decodeText([bytes])) text += part;
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    return malformed(Number(error.data.line), "the text is neither UTF-8 nor UTF-16", ENCODING_REMEDY);
  }
  return read(text);
}

const fileError = (message: string): pulumi.RunError => withoutStack(new pulumi.RunError(message));

/**
 * The individual enrollments of a file `.csv`, `.json` or `.jsonl` (docs/enrollments.md lists the columns), in UTF-8
 * or UTF-16. Paths in it are below its folder. Throws pulumi.RunError with every error at once: line, registration ID,
 * field, value, rule, remedy.
 */
export async function readEnrollmentFile(
  path: string,
  { now = new Date(), taken }: { readonly now?: Date; readonly taken?: ReadonlySet<string> } = {},
): Promise<ListedEnrollments> {
  const ending = extname(path).toLowerCase();
  if (!(ending in READERS)) {
    throw fileError(
      `The file of individuals ${path} must end in ${Object.keys(READERS).join(", ")}; nothing was changed.`,
    );
  }
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw fileError(
      `The file of individuals ${path} cannot be read (${error.code}); nothing was changed.\n` +
        "  To fix: correct `individualsFile`, a path below the folder of Pulumi.yaml, or remove the setting.",
    );
  });
  const below: ReadText = (name) => readFile(isAbsolute(name) ? name : join(dirname(path), name), "utf8");
  const rows = await readRows(bytes, READERS[ending as keyof typeof READERS]);
  const { enrollments, errors } = await enrollmentsOf(rows, below, now, taken);
  if (errors.length > 0) throw fileError(fileMessage(path, errors));
  return enrollments;
}

/** The individual enrollments that a stack's file lists; undefined where it names none. The sample devices' IDs are taken. */
export function listedEnrollments(settings: {
  readonly individualsFile: string | undefined;
  readonly groupDevices: readonly string[];
  readonly individualDevices: readonly { readonly registrationId: string }[];
}): Promise<ListedEnrollments> | undefined {
  const { individualsFile, groupDevices, individualDevices } = settings;
  if (individualsFile === undefined) return undefined;
  const ids = [...groupDevices, ...individualDevices.map(({ registrationId }) => registrationId)];
  return readEnrollmentFile(individualsFile, { taken: new Set(ids.map((id) => nameKey("registrationId", id))) });
}
