import { strict as assert } from "node:assert";
import type { ServedResponse } from "../../cast/served";

/** What a property of a response is: a text of a pattern (the JSON of what is no text), a value, or a JSON type. */
export type Form =
  | RegExp
  | boolean
  | number
  | null
  | "absent"
  | "array"
  | "boolean"
  | "number"
  | "object"
  | "string"
  | { readonly is: unknown };

export interface ConformanceRequest {
  readonly method: string;
  /** Without a query; the service's host is added. */
  readonly path: string;
  readonly apiVersion: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The body of an earlier row's response, by the row's name; of the last request in `before`, by the empty name. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
export type Earlier = (name: string) => any;

/** What Azure returns to a request, in our own words. */
export interface ConformanceRow {
  readonly name: string;
  /** Where Azure's response is recorded or specified; `guess` where neither. */
  readonly source: string;
  /** Requests that precede it and succeed. */
  readonly before?: readonly ConformanceRequest[];
  readonly request: ConformanceRequest | ((earlier: Earlier) => ConformanceRequest);
  readonly status: number;
  /** The error code, and after a dot the inner one. */
  readonly code?: number | string;
  /** By path: `attestation.type`, `errors.0.errorCode`; the empty path is the body itself. */
  readonly properties?: Readonly<Record<string, Form>>;
  readonly headers?: Readonly<Record<string, Form>>;
  /** The row says what the local Azure returns; Azure does this instead, or it is not known, for this reason. */
  readonly differs?: string;
}

export type Send = (request: ConformanceRequest) => Promise<ServedResponse>;

/** A row's request, for tables and titles; undefined where it needs an earlier response. */
export const fixedRequest = ({ request }: ConformanceRow): ConformanceRequest | undefined =>
  typeof request === "function" ? undefined : request;

const member = (value: unknown, path: string): unknown =>
  (path === "" ? [] : path.split(".")).reduce<unknown>(
    (found, name) => (found as Readonly<Record<string, unknown>> | null | undefined)?.[name],
    value,
  );

function codeOf(body: unknown): unknown {
  const inner = member(body, "error.innererror.code");
  const code = member(body, "errorCode") ?? member(body, "error.code") ?? member(body, "code");
  return inner === undefined ? code : `${code}.${inner}`;
}

const typeOf = (value: unknown): string =>
  value === undefined ? "absent" : Array.isArray(value) ? "array" : typeof value;

function checkForm(value: unknown, form: Form, where: string): void {
  if (form instanceof RegExp) assert.match(typeof value === "string" ? value : JSON.stringify(value), form, where);
  else if (typeof form === "object" && form !== null) assert.deepEqual(value, form.is, where);
  else if (typeof form === "string") assert.equal(typeOf(value), form, where);
  else assert.equal(value, form, where);
}

/** Sends a row's requests, and fails unless the last response is as the row says. Returns the response's body. */
export async function checkRow(row: ConformanceRow, send: Send, earlier: Earlier = () => undefined): Promise<unknown> {
  let last: unknown;
  for (const request of row.before ?? []) {
    const { status, body } = await send(request);
    assert.ok(status < 300, `${request.method} ${request.path}: ${status} ${JSON.stringify(body)}`);
    last = body;
  }
  const request =
    typeof row.request === "function" ? row.request((name) => (name === "" ? last : earlier(name))) : row.request;
  const { status, body, headers } = await send(request);
  assert.equal(status, row.status, JSON.stringify(body));
  if (row.code !== undefined) assert.equal(codeOf(body), row.code, JSON.stringify(body));
  for (const [path, form] of Object.entries(row.properties ?? {})) checkForm(member(body, path), form, path);
  for (const [name, form] of Object.entries(row.headers ?? {})) checkForm(headers[name], form, name);
  return body;
}
