/** Reads a file of individual enrollments and finds every fault in it, before anything is changed. */
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, extname, isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { nameKey } from "../../azure/names";
import type { ListedEnrollment } from "../../providers/enrollmentListResource";
import { shownValue } from "./columns";
import { FORMS, type Row, type RowFault, type Rows } from "./rows";

/** The enrollments of a file, by registration ID. */
export type ListedEnrollments = Readonly<Record<string, ListedEnrollment>>;

/** How the files that rows name are read: paths are below the folder of the file. */
export type ReadText = (path: string) => Promise<string>;

/** Faults that a message tells one by one. */
const SHOWN = 50;
/** What the check takes for an attestation that the stack adds, as the engine writes a value that is not known yet. */
const LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KINDS = ["certificate", "caReference", "symmetricKey", "tpm"];

const REMEDIES: Readonly<Record<string, string>> = {
  registrationId: "give the device a registration ID of its own that follows the rule",
  certificate: "give the path of the device's own certificate in PEM, below the folder of this file",
  secondaryCertificate: "give the path of the device's other certificate in PEM, below the folder of this file",
};

/** Every fault as one message: line, registration ID, field, value, rule, way out. */
export function fileMessage(path: string, faults: readonly RowFault[]): string {
  const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
  const lines = [...faults]
    .sort((a, b) => a.line - b.line)
    .slice(0, SHOWN)
    .map(({ line, registrationId, field, value, rule, remedy }) => {
      const who = registrationId === undefined ? "" : `, ${registrationId}`;
      const what = field === "" ? "" : ` ${field}${value === "" ? "" : ` = ${JSON.stringify(value)}`}:`;
      return `  line ${line}${who}:${what} ${rule}\n    Way out: ${remedy}`;
    });
  const more = faults.length > SHOWN ? [`  and ${faults.length - SHOWN} more`] : [];
  return [`The file of individuals ${path} has ${count}; nothing was changed.`, ...lines, ...more].join("\n");
}

/** The first certificate in PEM text, without what else stands there: a bundle holds a key, too. */
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
    if (text !== undefined && pem === undefined) note(name, "holds no certificate in PEM");
    if (pem === undefined) continue;
    certificates[name] = pem;
    if (typeof sha256Thumbprint === "string" && thumbprintOf(pem) !== sha256Thumbprint)
      note(name, "holds another certificate than the manifest says");
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

/** The enrollments of rows, and every fault of theirs; `taken` are registration IDs in lower case that others have. */
export async function enrollmentsOf(
  { rows, faults: before }: Rows,
  read: ReadText,
  now: Date,
  taken: ReadonlySet<string> = new Set(),
): Promise<{ readonly enrollments: ListedEnrollments; readonly faults: readonly RowFault[] }> {
  // Loaded at need: a program without such a file does not wait for the rules.
  const { checkEntry } =
    require("../../providers/handlers/enrollmentList/listEntry") as typeof import("../../providers/handlers/enrollmentList/listEntry");
  const faults: RowFault[] = [...before];
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
      faults.push({ line: row.line, ...who, field, value: shownValue(field, row.fields[field]), rule, remedy });
    };
    if (id === undefined || id === "") {
      note("registrationId", registrationId === undefined || id === "" ? "is missing" : "must be text");
      continue;
    }
    const twin = lines.get(nameKey("registrationId", id));
    if (twin !== undefined) note("registrationId", `is in line ${twin} already`);
    if (taken.has(nameKey("registrationId", id))) note("registrationId", "is a sample device of this stack already");
    lines.set(nameKey("registrationId", id), row.line);
    const { registrationId: _id, ...entry } = (await withCertificates(row, read, note)).fields;
    const isNamed = KINDS.some((kind) => entry[kind] !== undefined);
    const whole = isNamed ? entry : { ...entry, caReference: LATER };
    for (const { property, reason } of checkEntry(id, whole, undefined, now).failures) note(property, reason);
    enrollments[id] = entry as ListedEnrollment;
  }
  if (rows.length === 0 && before.length === 0) {
    const remedy = "list at least one device, or take the setting individualsFile out";
    faults.push({ line: 1, field: "", value: "", rule: "no device is listed", remedy });
  }
  return { enrollments, faults };
}

/** An error that shows as its message alone. */
function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  delete error.stack;
  return error;
}

/**
 * The individual enrollments of a file `.csv`, `.json` or `.jsonl` (docs/enrollments.md tells the columns). Paths in it
 * are below its folder. Throws pulumi.RunError with every fault at once: line, registration ID, field, value, rule, way
 * out.
 */
export async function readEnrollmentFile(
  path: string,
  { now = new Date(), taken }: { readonly now?: Date; readonly taken?: ReadonlySet<string> } = {},
): Promise<ListedEnrollments> {
  const ending = extname(path).toLowerCase();
  if (!(ending in FORMS)) {
    throw refusal(`The file of individuals ${path} must end in ${Object.keys(FORMS).join(", ")}; nothing was changed.`);
  }
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw refusal(
      `The file of individuals ${path} cannot be read (${error.code}); nothing was changed.\n` +
        "  Way out: correct `individualsFile`, a path below the folder of Pulumi.yaml, or take the setting out.",
    );
  });
  const below: ReadText = (name) => readFile(isAbsolute(name) ? name : join(dirname(path), name), "utf8");
  const rows = await FORMS[ending as keyof typeof FORMS](text);
  const { enrollments, faults } = await enrollmentsOf(rows, below, now, taken);
  if (faults.length > 0) throw refusal(fileMessage(path, faults));
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
