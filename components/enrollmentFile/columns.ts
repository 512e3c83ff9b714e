/** The columns of a CSV of individual enrollments, and what their cells mean. */

/** What is wrong with a field. */
export interface FieldFault {
  /** The column or field; empty for a whole line. */
  readonly field: string;
  /** What stands there; empty where it is nobody's business. */
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
}

type Meaning = (cell: string) => unknown;

/** Thrown by a meaning for a cell that has none. */
class CellError extends Error {}

const text: Meaning = (cell) => cell;

const boolean: Meaning = (cell) => {
  const value = cell.toLowerCase();
  if (value !== "true" && value !== "false") throw new CellError("must be true or false");
  return value === "true";
};

const hosts: Meaning = (cell) => cell.split(/[\s;]+/).filter((host) => host !== "");

const generated: Meaning = (cell) => {
  if (cell.toLowerCase() !== "generated")
    throw new CellError("must be `generated`, or give primaryKey and secondaryKey");
  return {};
};

const json: Meaning = (cell) => {
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    throw new CellError("must be an object of JSON");
  }
};

/** Where a column's value goes in the arguments, and what its cells mean. */
const COLUMNS: Readonly<Record<string, { readonly path: readonly string[]; readonly meaning: Meaning }>> = {
  registrationId: { path: ["registrationId"], meaning: text },
  deviceId: { path: ["deviceId"], meaning: text },
  certificate: { path: ["certificate"], meaning: text },
  secondaryCertificate: { path: ["secondaryCertificate"], meaning: text },
  caReference: { path: ["caReference"], meaning: text },
  secondaryCaReference: { path: ["secondaryCaReference"], meaning: text },
  symmetricKey: { path: ["symmetricKey"], meaning: generated },
  primaryKey: { path: ["symmetricKey", "primaryKey"], meaning: text },
  secondaryKey: { path: ["symmetricKey", "secondaryKey"], meaning: text },
  endorsementKey: { path: ["tpm", "endorsementKey"], meaning: text },
  storageRootKey: { path: ["tpm", "storageRootKey"], meaning: text },
  provisioningStatus: { path: ["provisioningStatus"], meaning: text },
  allocationPolicy: { path: ["allocationPolicy"], meaning: text },
  iotHubs: { path: ["iotHubs"], meaning: hosts },
  webhookUrl: { path: ["customAllocation", "webhookUrl"], meaning: text },
  webhookApiVersion: { path: ["customAllocation", "apiVersion"], meaning: text },
  updateHubAssignment: { path: ["reprovisionPolicy", "updateHubAssignment"], meaning: boolean },
  migrateDeviceData: { path: ["reprovisionPolicy", "migrateDeviceData"], meaning: boolean },
  iotEdge: { path: ["iotEdge"], meaning: boolean },
  tags: { path: ["initialTwin", "tags"], meaning: json },
  desired: { path: ["initialTwin", "properties", "desired"], meaning: json },
  optionalDeviceInformation: { path: ["optionalDeviceInformation"], meaning: json },
};

/** Columns below which others stand: `tags.site` is the text of the tag `site`. */
const OPEN = ["tags", "desired", "optionalDeviceInformation"];

/** Columns and fields whose value is never told: keys, and addresses that may carry one. */
const SECRET =
  /^(?:symmetricKey|primaryKey|secondaryKey|tpm|endorsementKey|storageRootKey|customAllocation|webhookUrl)$/i;

/** A value as a fault shows it: nothing of a secret, and the beginning of the rest. */
export function shownValue(field: string, value: unknown): string {
  if (value === undefined || SECRET.test(field)) return "";
  const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}

interface Column {
  readonly path: readonly string[];
  readonly meaning: Meaning;
}

function columnOf(name: string): Column | undefined {
  const known = Object.entries(COLUMNS).find(([column]) => column.toLowerCase() === name.toLowerCase())?.[1];
  if (known) return known;
  const [first = "", ...below] = name.split(".");
  const open = OPEN.find((column) => column.toLowerCase() === first.toLowerCase());
  if (open === undefined || below.length === 0 || below.includes("")) return undefined;
  return { path: [...(COLUMNS[open]?.path ?? []), ...below], meaning: text };
}

/** What is wrong with a column's name, if anything. */
export const knownColumn = (name: string): string | undefined =>
  columnOf(name)
    ? undefined
    : `no such column: there are ${Object.keys(COLUMNS).join(", ")}, and ${OPEN.map((open) => `${open}.NAME`).join(", ")}`;

type Fields = Record<string, unknown>;

/** Puts a value at a path; answers what stands in the way, if anything. */
function place(fields: Fields, [first = "", ...rest]: readonly string[], value: unknown): string | undefined {
  if (rest.length === 0) {
    if (Object.hasOwn(fields, first)) return "says again what another column says";
    fields[first] = value;
    return undefined;
  }
  const inner = Object.hasOwn(fields, first) ? fields[first] : {};
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return "stands below what is no object";
  fields[first] = inner;
  return place(inner as Fields, rest, value);
}

/** The cells of a line as arguments of an individual enrollment; empty cells say nothing. */
export function fieldsOfCells(
  columns: readonly string[],
  cells: readonly string[],
): { readonly fields: Readonly<Record<string, unknown>>; readonly faults: readonly FieldFault[] } {
  const fields: Fields = {};
  const faults: FieldFault[] = [];
  if (cells.length > columns.length) {
    const rule = `the line has ${cells.length} cells, and the first line names ${columns.length} columns`;
    faults.push({ field: "", value: "", rule, remedy: "put cells with a comma into quotes" });
  }
  for (const [index, name] of columns.entries()) {
    const cell = (cells[index] ?? "").trim();
    const column = columnOf(name);
    if (cell === "" || !column) continue;
    const note = (rule: string): void => {
      faults.push({ field: name, value: shownValue(name, cell), rule, remedy: "correct the cell, or leave it empty" });
    };
    try {
      const rule = place(fields, column.path, column.meaning(cell));
      if (rule !== undefined) note(rule);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      note(error.message);
    }
  }
  return { fields, faults };
}
