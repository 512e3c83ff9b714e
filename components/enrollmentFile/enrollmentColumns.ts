/** The columns of a CSV of individual enrollments. */

/** A validation error of a field. */
export interface FieldError {
  /** The column or field; empty for a whole line. */
  readonly field: string;
  /** The value found; empty for secrets and for what is missing. */
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
}

type CellParser = (cell: string) => unknown;

/** A cell that its column does not accept. */
class CellError extends Error {}

const text: CellParser = (cell) => cell;

const boolean: CellParser = (cell) => {
  const value = cell.toLowerCase();
  if (value !== "true" && value !== "false") throw new CellError("must be true or false");
  return value === "true";
};

const hosts: CellParser = (cell) => cell.split(/[\s;]+/).filter((host) => host !== "");

const generated: CellParser = (cell) => {
  if (cell.toLowerCase() !== "generated")
    throw new CellError("must be `generated`, or give primaryKey and secondaryKey");
  return {};
};

const json: CellParser = (cell) => {
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    throw new CellError("must be an object of JSON");
  }
};

/** The path of each column's value in the arguments, and the parser of its cells. */
const COLUMNS: Readonly<Record<string, { readonly path: readonly string[]; readonly parse: CellParser }>> = {
  registrationId: { path: ["registrationId"], parse: text },
  deviceId: { path: ["deviceId"], parse: text },
  certificate: { path: ["certificate"], parse: text },
  secondaryCertificate: { path: ["secondaryCertificate"], parse: text },
  caReference: { path: ["caReference"], parse: text },
  secondaryCaReference: { path: ["secondaryCaReference"], parse: text },
  symmetricKey: { path: ["symmetricKey"], parse: generated },
  primaryKey: { path: ["symmetricKey", "primaryKey"], parse: text },
  secondaryKey: { path: ["symmetricKey", "secondaryKey"], parse: text },
  endorsementKey: { path: ["tpm", "endorsementKey"], parse: text },
  storageRootKey: { path: ["tpm", "storageRootKey"], parse: text },
  provisioningStatus: { path: ["provisioningStatus"], parse: text },
  allocationPolicy: { path: ["allocationPolicy"], parse: text },
  iotHubs: { path: ["iotHubs"], parse: hosts },
  webhookUrl: { path: ["customAllocation", "webhookUrl"], parse: text },
  webhookApiVersion: { path: ["customAllocation", "apiVersion"], parse: text },
  updateHubAssignment: { path: ["reprovisionPolicy", "updateHubAssignment"], parse: boolean },
  migrateDeviceData: { path: ["reprovisionPolicy", "migrateDeviceData"], parse: boolean },
  iotEdge: { path: ["iotEdge"], parse: boolean },
  tags: { path: ["initialTwin", "tags"], parse: json },
  desired: { path: ["initialTwin", "properties", "desired"], parse: json },
  optionalDeviceInformation: { path: ["optionalDeviceInformation"], parse: json },
};

/** Columns with members: `tags.site` is the text of the tag `site`. */
const OBJECTS = ["tags", "desired", "optionalDeviceInformation"];

/** Columns and fields with values that no message shows: keys, and addresses that may hold one. */
const SECRET =
  /^(?:symmetricKey|primaryKey|secondaryKey|tpm|endorsementKey|storageRootKey|customAllocation|webhookUrl)$/i;

/** A value as an error shows it: shortened, and nothing of a secret. */
export function shownValue(field: string, value: unknown): string {
  if (value === undefined || SECRET.test(field)) return "";
  const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}

interface Column {
  readonly path: readonly string[];
  readonly parse: CellParser;
}

function columnOf(name: string): Column | undefined {
  const known = Object.entries(COLUMNS).find(([column]) => column.toLowerCase() === name.toLowerCase())?.[1];
  if (known) return known;
  const [first = "", ...below] = name.split(".");
  const open = OBJECTS.find((column) => column.toLowerCase() === first.toLowerCase());
  if (open === undefined || below.length === 0 || below.includes("")) return undefined;
  return { path: [...(COLUMNS[open]?.path ?? []), ...below], parse: text };
}

/** The error of an unknown column's name; undefined for a known one. */
export const knownColumn = (name: string): string | undefined =>
  columnOf(name)
    ? undefined
    : `no such column: there are ${Object.keys(COLUMNS).join(", ")}, and ${OBJECTS.map((column) => `${column}.NAME`).join(", ")}`;

type Fields = Record<string, unknown>;

/** Sets the value at a path. Returns an error where another column has set it, or has set no object above it. */
function place(fields: Fields, [first = "", ...rest]: readonly string[], value: unknown): string | undefined {
  if (rest.length === 0) {
    if (Object.hasOwn(fields, first)) return "sets what another column sets";
    fields[first] = value;
    return undefined;
  }
  const inner = Object.hasOwn(fields, first) ? fields[first] : {};
  if (typeof inner !== "object" || inner === null || Array.isArray(inner))
    return "is a member of what is not an object";
  fields[first] = inner;
  return place(inner as Fields, rest, value);
}

/** The cells of a line as arguments of an individual enrollment; empty cells are left out. */
export function fieldsOfCells(
  columns: readonly string[],
  cells: readonly string[],
): { readonly fields: Readonly<Record<string, unknown>>; readonly errors: readonly FieldError[] } {
  const fields: Fields = {};
  const errors: FieldError[] = [];
  if (cells.length > columns.length) {
    const rule = `the line has ${cells.length} cells, and the first line names ${columns.length} columns`;
    errors.push({ field: "", value: "", rule, remedy: "put cells with a comma into quotes" });
  }
  for (const [index, name] of columns.entries()) {
    const cell = (cells[index] ?? "").trim();
    const column = columnOf(name);
    if (cell === "" || !column) continue;
    const note = (rule: string): void => {
      errors.push({ field: name, value: shownValue(name, cell), rule, remedy: "correct the cell, or leave it empty" });
    };
    try {
      const rule = place(fields, column.path, column.parse(cell));
      if (rule !== undefined) note(rule);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      note(error.message);
    }
  }
  return { fields, errors };
}
