import { isObject } from "../../../azure/wire/jsonObject";
import type { FuzzRequest } from "./fuzzWorld";
import type { SeededRandom } from "./seededRandom";

/** A mutated request, with what was done to it. */
export interface Mutant {
  readonly request: FuzzRequest;
  /** Whether it is still framed as HTTP says, so that it must be answered. */
  readonly isWhole: boolean;
  readonly mutations: readonly string[];
}

type Mutation = (request: FuzzRequest, random: SeededRandom) => FuzzRequest;

const LONE_SURROGATE = "\ud800";

/** JSON text that is not what a property has: wrong types, huge numbers, long and odd strings. */
const VALUES: readonly string[] = [
  "null",
  "true",
  "false",
  "0",
  "-1",
  "1.5",
  "1e308",
  "-1e308",
  "1e999",
  "9007199254740993",
  "123456789012345678901234567890",
  '""',
  '"x"',
  '"true"',
  '"0"',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\ufeff"',
  '"\\u202e"',
  '"../../x"',
  '"__proto__"',
  '"constructor"',
  '"%00"',
  '"%"',
  '"\'"',
  '"\\r\\nx: y"',
  '"P1000000000000Y"',
  '"99999-12-31T00:00:00Z"',
  '"0000-00-00"',
  '"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"',
  '"*"',
  '"$"',
  '"."',
  "[]",
  "{}",
  "[null]",
  "[[]]",
  "[{}]",
  '[1,"x"]',
  '{"":""}',
  '{"a":{"b":{"c":1}}}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"length":1}',
  '{"toString":1}',
  '{"toJSON":1}',
  '{"then":1}',
  '{"valueOf":1,"hasOwnProperty":2}',
];
const NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "",
  "$",
  "a.b",
  "a b",
  "\u0000",
  "type",
  "id",
  "name",
  LONE_SURROGATE,
  "x".repeat(5000),
];

const longText = (random: SeededRandom): string => {
  const unit = random.pick([
    "a",
    " ",
    "(",
    "[",
    "%41",
    "é",
    "'",
    '\\"',
    "\\u0000",
    "=",
    "/",
    "-",
    "a'",
    ",",
    ";",
    "🙂",
  ]);
  return `"${unit.repeat(random.pick([65, 129, 1000, 40_000, 300_000]))}"`;
};
const deep = (random: SeededRandom): string => {
  const depth = random.pick([30, 200, 1500, 6000, 100_000]);
  return random.chance(0.5) ? "[".repeat(depth) + "]".repeat(depth) : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
};
const oddValue = (random: SeededRandom): string => {
  const kind = random.below(20);
  if (kind === 0) return longText(random);
  if (kind === 1) return deep(random);
  return random.pick(VALUES);
};

/** Paths of all values in a JSON body. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (!isObject(value) && !Array.isArray(value)) return [path];
  const entries = Array.isArray(value) ? value.map((each, at) => [at, each] as const) : Object.entries(value);
  return [path, ...entries.flatMap(([name, each]) => pathsIn(each, [...path, name]))];
}

/** Writes JSON with other text in place of the value at a path; `name` replaces the property's name. */
function withText(value: unknown, path: readonly (string | number)[], text: string | undefined, name?: string): string {
  const [first, ...rest] = path;
  if (first === undefined) return text ?? "";
  if (Array.isArray(value)) {
    return `[${value.flatMap((each, at) => (at !== first ? [JSON.stringify(each)] : text === undefined && rest.length === 0 ? [] : [withText(each, rest, text, name)])).join(",")}]`;
  }
  const members = Object.entries(value as object).flatMap(([key, each]) => {
    if (key !== first) return [`${JSON.stringify(key)}:${JSON.stringify(each)}`];
    if (rest.length > 0) return [`${JSON.stringify(key)}:${withText(each, rest, text, name)}`];
    return text === undefined ? [] : [`${JSON.stringify(name ?? key)}:${text}`];
  });
  return `{${members.join(",")}}`;
}

const at = (body: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string | number, unknown>)[name], body);

/** Changes of a JSON body: of a value, of a name, of the members. */
const ofJson: Mutation = (request, random) => {
  const { body } = request;
  if (!isObject(body) && !Array.isArray(body)) return { ...request, body: oddValue(random) };
  const paths = pathsIn(body).slice(1);
  const path = paths.length === 0 ? undefined : random.pick(paths);
  if (path === undefined || random.chance(0.03)) return { ...request, body: oddValue(random) };
  const value = JSON.stringify(at(body, path));
  const kind = random.below(10);
  if (kind === 0) return { ...request, body: withText(body, path, undefined) };
  if (kind === 1) return { ...request, body: withText(body, path, value, random.pick(NAMES)) };
  if (kind === 2) return { ...request, body: withText(body, path, `[${value},${value}]`) };
  if (kind === 3) {
    const member = `${JSON.stringify(random.pick(NAMES))}:${oddValue(random)}`;
    const target = [...path].slice(0, -1);
    const before = JSON.stringify(at(body, target));
    const after = before.startsWith("{") && before !== "{}" ? `${before.slice(0, -1)},${member}}` : `{${member}}`;
    return { ...request, body: target.length === 0 ? after : withText(body, target, after) };
  }
  return { ...request, body: withText(body, path, oddValue(random)) };
};

/** Changes of a body's text and bytes. */
const ofBytes: Mutation = (request, random) => {
  const text = typeof request.body === "string" ? request.body : JSON.stringify(request.body ?? {});
  const where = random.below(text.length + 1);
  const cut = random.pick<() => string | Buffer>([
    () => text.slice(0, where),
    () => text + text,
    () => `\ufeff${text}`,
    () => "",
    () =>
      Buffer.concat([
        Buffer.from(text.slice(0, where)),
        Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
        Buffer.from(text.slice(where)),
      ]),
    () => Buffer.from(text, "utf16le"),
    () => `${text.slice(0, where)}\u0000${text.slice(where)}`,
    () => text.replace("{", `{"a":1,"a":2,`),
    () => "NaN",
    () => "\u0000".repeat(1000),
    () => `${" ".repeat(200_000)}${text}`,
    () => text.replace(/"/g, "'"),
    () => "x".repeat(4 * 1024 * 1024 + 1),
    () => `<?xml version="1.0"?><a/>`,
  ]);
  return { ...request, body: cut() };
};

const SEGMENTS: readonly ((segment: string) => string)[] = [
  () => "",
  () => ".",
  () => "..",
  () => "%2e%2e",
  () => "%00",
  () => "%",
  () => "%zz",
  () => "%ff",
  () => "%c0%80",
  () => "%ed%a0%80",
  () => "%20",
  () => "%2F",
  () => "__proto__",
  () => "constructor",
  () => "hasOwnProperty",
  () => "*",
  () => "$",
  () => ":x",
  () => "null",
  () => "undefined",
  () => "%F0%9F%99%82",
  () => "%E2%80%AE",
  (segment) => segment.toUpperCase(),
  (segment) => `${segment}%20`,
  (segment) => `${segment}.`,
  (segment) => `${segment}x`,
  (segment) => segment.slice(1),
  (segment) => segment.repeat(50),
  () => "a".repeat(7000),
  () => "%41".repeat(2000),
  () => "'",
  () => "%22",
  () => "%0d%0a",
  () => "a;b=c",
  () => "a,b",
  () => "\u00e9",
];

const ofPath: Mutation = (request, random) => {
  const segments = [...request.segments];
  const where = random.below(segments.length + 1);
  const kind = random.below(10);
  if (kind === 0) segments.splice(where, 0, random.pick(SEGMENTS)("x"));
  else if (kind === 1) segments.splice(where, 1);
  else if (segments[where] !== undefined) segments[where] = random.pick(SEGMENTS)(segments[where]);
  return { ...request, segments };
};

const QUERY_NAMES = [
  "api-version",
  "$filter",
  "$top",
  "$skiptoken",
  "$expand",
  "$select",
  "$orderby",
  "top",
  "maxresults",
  "timeout",
  "includePending",
  "asyncinfo",
  "resource",
  "client_id",
  "subject",
  "deviceId",
  "since",
  "__proto__",
  "x",
  "%zz",
  "",
  "%00",
];
const QUERY_VALUES = [
  "",
  "0",
  "-1",
  "1e9",
  "99999999999999999999",
  "NaN",
  "x",
  "%",
  "%zz",
  "%00",
  "%ff",
  "%ed%a0%80",
  "2099-01-01",
  "2021-10-01-preview",
  "1.0%00",
  "null",
  "true",
  "__proto__",
  "constructor",
  "name%20eq%20'",
  "name%20eq%20'a'%20and%20",
  "principalId%20eq%20%27x%27",
  "((((((((",
  "atScope()",
  "assignedTo('x')",
  "not%20not%20not%20a",
  "a%20eq%20'''",
  "%F0%9F%99%82",
  "2021-06-01&api-version=2020-01-01",
  "AAAA",
  "..",
];

const ofQuery: Mutation = (request, random) => {
  const query = [...request.query];
  const kind = random.below(5);
  const odd = (): string => {
    if (random.chance(0.05))
      return random.pick(["%28", "a%20", "a", "%27", "x%20eq%20%27y%27%20and%20"]).repeat(random.pick([200, 1500]));
    return random.pick(QUERY_VALUES);
  };
  if (kind === 0 && query.length > 0) query.splice(random.below(query.length), 1);
  else if (kind === 1 && query.length > 0) query.push([random.pick(query)[0], odd()]);
  else if (kind === 2 && query.length > 0) query[random.below(query.length)] = [random.pick(query)[0], odd()];
  else query.push([random.pick(QUERY_NAMES), odd()]);
  return { ...request, query };
};

const HEADER_NAMES = [
  "content-type",
  "if-match",
  "if-none-match",
  "authorization",
  "host",
  "x-ms-max-item-count",
  "x-ms-continuation",
  "x-http-method-override",
  "x-ms-client-request-id",
  "x-ms-return-client-request-id",
  "accept",
  "accept-encoding",
  "content-encoding",
  "expect",
  "iothub-messageid",
  "iothub-app-x",
  "x-forwarded-for",
  "origin",
  "cookie",
  "range",
  "upgrade",
  "connection",
  "metadata",
  "prefer",
  "x-ms-date",
  "date",
];
const HEADER_VALUES = [
  "",
  "*",
  "x",
  '"',
  '"x"',
  'W/"x"',
  "W/",
  '""',
  '"AAAAAAAAAAE="',
  '"a","b"',
  ",,,,",
  "0",
  "-1",
  "1e9",
  "99999999999999999999",
  "NaN",
  "null",
  "text/plain",
  "application/json; charset=utf-16",
  "application/json;",
  "multipart/form-data",
  ";;;",
  "Bearer",
  "Bearer ",
  "Bearer x.y.z",
  "Bearer ..",
  "Bearer e30.e30.e30",
  "Basic eDp5",
  "SharedAccessSignature",
  "SharedAccessSignature sr=%zz&sig=x&se=1",
  "SharedAccessSignature sr=&sig=&se=99999999999999999999&skn=__proto__",
  "SharedAccessSignature sr=a&sr=b&sig=%00&se=1",
  "127.0.0.1",
  "evil.example",
  "[::1]",
  "hub-1.azure-devices.net:443",
  "100-continue",
  "DELETE",
  "PATCH",
  "gzip",
  "identity, *;q=0",
  "\u00ff\u00fe",
  "a\tb",
  "__proto__",
  "bytes=0-1",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "$.__proto__",
  "%00",
  "AAAA",
];

const ofHeaders: Mutation = (request, random) => {
  const headers = [...request.headers];
  const kind = random.below(6);
  const odd = (): string =>
    random.chance(0.04)
      ? random.pick(["a", "%", "=", ".", ",", '"', "W/", "Bearer "]).repeat(random.pick([500, 3000]))
      : random.pick(HEADER_VALUES);
  const where = random.below(headers.length);
  const named = headers[where]?.[0] ?? "x";
  if (kind === 0 && headers.length > 0) headers.splice(where, 1);
  else if (kind === 1) headers.push([named, odd()]);
  else if (kind === 2 && headers.length > 0) headers[where] = [named, odd()];
  else if (kind === 3 && headers.length > 0) {
    const text = headers[where]?.[1] ?? "";
    const at = random.below(text.length + 1);
    headers[where] = [
      named,
      random.pick([
        text.slice(0, at),
        text.slice(at),
        `${text.slice(0, at)}x${text.slice(at + 1)}`,
        text.toUpperCase(),
        ` ${text}`,
      ]),
    ];
  } else headers.push([random.pick(HEADER_NAMES), odd()]);
  return { ...request, headers };
};

const ofMethod: Mutation = (request, random) => ({
  ...request,
  method: random.pick([
    "GET",
    "PUT",
    "POST",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "get",
    "PROPFIND",
    "QUERY",
  ]),
});

/** Broken framing: the connection is closed after it, and no response is due. */
const ofFraming: Mutation = (request, random) => {
  const headers = request.headers.filter(([name]) => name !== "content-length");
  const body = JSON.stringify(request.body ?? {});
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const [name, value, content] = random.pick([
    ["transfer-encoding", "chunked", chunk],
    ["transfer-encoding", "chunked", `zz\r\n${body}\r\n0\r\n\r\n`],
    ["transfer-encoding", "chunked", `ffffffffffffffff\r\n${body}`],
    ["transfer-encoding", "chunked", `-1\r\n${body}\r\n0\r\n\r\n`],
    ["transfer-encoding", "chunked", `5;${"x".repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`],
    ["transfer-encoding", "chunked", chunk.slice(0, -3)],
    ["transfer-encoding", "gzip", body],
    ["transfer-encoding", "chunked, identity", chunk],
    ["content-length", String(body.length + 10), body],
    ["content-length", "-5", body],
    ["content-length", "1e3", body],
    ["content-length", `${body.length}, ${body.length}`, body],
    ["content-length", "99999999999999999999", body],
    ["content-length", "4294967297", body],
    ["content-length: 3\r\ncontent-length", "4", body],
    ["content-length: 3\r\ntransfer-encoding", "chunked", chunk],
    ["bad header", "x", body],
    ["x", "a\u0000b", body],
    ["x\r\n\tfolded", "b", body],
  ] as const);
  return { ...request, headers: [...headers, [name, value]], body: content };
};

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  json: ofJson,
  bytes: ofBytes,
  path: ofPath,
  query: ofQuery,
  headers: ofHeaders,
  method: ofMethod,
};

/** A value of a body, and the JSON text in its place. */
export interface BodyChange {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** Every change of one value of a body: each odd value in place of each value. */
export function bodyChanges(body: unknown): BodyChange[] {
  if (!isObject(body) && !Array.isArray(body)) return [];
  const paths = pathsIn(body).slice(1);
  return paths.flatMap((path) => VALUES.map((text) => ({ path, text })));
}

/** A request with a changed body. */
export const changeBody = (request: FuzzRequest, { path, text }: BodyChange): Mutant => ({
  request: { ...request, body: withText(request.body, path, text) },
  isWhole: true,
  mutations: [`${path.join(".")} = ${text.slice(0, 40)}`],
});

/** Changes a valid request in one to three ways. */
export function mutate(valid: FuzzRequest, random: SeededRandom): Mutant {
  if (random.chance(0.03)) return { request: ofFraming(valid, random), isWhole: false, mutations: ["framing"] };
  let request = valid;
  const mutations: string[] = [];
  const count = random.pick([1, 1, 1, 2, 3]);
  for (let done = 0; done < count; done += 1) {
    const body = valid.body === undefined ? [] : ["json", "json", "json", "json", "json", "bytes"];
    const name = random.pick([
      ...body,
      "path",
      "query",
      "headers",
      "headers",
      "method",
      random.chance(0.3) ? "json" : "path",
    ]);
    // A body can be changed as JSON once: it is text from then on.
    const mutation = name === "json" && typeof request.body === "string" ? ofBytes : MUTATIONS[name];
    if (!mutation) throw new Error(`no mutation ${name}`);
    request = mutation(request, random);
    mutations.push(name);
  }
  return { request, isWhole: true, mutations };
}
