import assert from "node:assert/strict";

/** The form of a value in a body: its type, a pattern of its text (of its JSON where it is no text), or the value itself. */
export type Form = "string" | "number" | "boolean" | "array" | "object" | "null" | "absent" | RegExp | { is: unknown };

export interface ConformanceRequest {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The body of an earlier row's response, by the row's name. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
export type Earlier = (name: string) => any;

/** A request and what Azure answers to it, in our own words. Rows of a table run in their order, over one store. */
export interface ConformanceRow {
  readonly name: string;
  /** Where the answer was recorded, or is specified; `guess` where neither. */
  readonly source: string;
  readonly request: ConformanceRequest | ((earlier: Earlier) => ConformanceRequest);
  readonly status: number;
  /** The error's code. */
  readonly code?: string | number;
  /** Names in the body, with dots between them, and their forms. `""` is the body itself. */
  readonly properties?: Readonly<Record<string, Form>>;
  /** Why the local Azure answers otherwise than Azure; the row then has the local answer. */
  readonly differs?: string;
}

const valueAt = (body: unknown, path: string): unknown =>
  path === ""
    ? body
    : path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], body);

function typeOf(value: unknown): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function checkForm(value: unknown, form: Form, label: string): void {
  if (form instanceof RegExp) assert.match(typeof value === "string" ? value : JSON.stringify(value), form, label);
  else if (typeof form === "object") assert.deepEqual(value, form.is, label);
  else assert.equal(typeOf(value), form, label);
}

/** Sends a row's request, and checks the response. Returns its body. */
export async function checkRow(
  row: ConformanceRow,
  earlier: Earlier,
  send: (request: ConformanceRequest) => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<unknown> {
  const request = typeof row.request === "function" ? row.request(earlier) : row.request;
  const { status, body } = await send(request);
  assert.equal(status, row.status, `${row.name}: ${JSON.stringify(body)}`);
  const { error, code } = (typeof body === "object" && body !== null ? body : {}) as {
    error?: { code?: unknown };
    code?: unknown;
  };
  if (row.code !== undefined) assert.equal(error?.code ?? code, row.code, row.name);
  for (const [path, form] of Object.entries(row.properties ?? {})) {
    checkForm(valueAt(body, path), form, `${row.name}: ${path}`);
  }
  return body;
}
