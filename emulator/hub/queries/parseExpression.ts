import { QUERY_FUNCTIONS } from "./queryFunctions";
import type { QueryReader } from "./queryReader";
import { QuerySyntaxError } from "./querySyntaxError";
import type { BinaryOperator, Constant, Expression, PathExpression } from "./queryTree";
import { withSystemNames } from "./systemNames";

/** How deep an expression may nest: parsing and evaluation call themselves for every level. */
const DEPTH_LIMIT = 64;

/** Binary operators from weak to strong. Those of one line bind alike, from left to right. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["OR"],
  ["AND"],
  ["=", "!=", "<", ">", "<=", ">=", "IN", "NIN"],
  ["+", "-"],
  ["*", "/", "%"],
];
/** The level of NOT: it negates a comparison. */
const COMPARISON = 2;

/** Names of collections, with which paths may begin. */
const COLLECTION = new Set(["modules", "jobs"]);

/** Words that are no names. */
const RESERVED = new Set([
  "AND",
  "AS",
  "BY",
  "FALSE",
  "FROM",
  "GROUP",
  "IN",
  "NIN",
  "NOT",
  "NULL",
  "OR",
  "SELECT",
  "TRUE",
  "UNDEFINED",
  "WHERE",
]);

const WORDS: Readonly<Record<string, Constant>> = { NULL: null, TRUE: true, FALSE: false, UNDEFINED: undefined };

function readName(reader: QueryReader): string {
  const { kind, text } = reader.token;
  if (kind !== "word" && kind !== "name") throw reader.unexpected("a name");
  reader.next();
  return text;
}

/** Reads a path, `tags.site` or `devices.tags.[[a-b]]`, without the name of the collection. */
export function readPath(reader: QueryReader): readonly string[] {
  const { kind, text } = reader.token;
  if (kind === "word" && RESERVED.has(text.toUpperCase())) throw reader.unexpected("a name");
  const path = [readName(reader)];
  while (reader.take(".")) path.push(readName(reader));
  if (path.length > 1 && path[0]?.toLowerCase() === "devices") {
    path.shift();
    if (path.length > 1 && COLLECTION.has(path[0]?.toLowerCase() ?? "")) path.shift();
  }
  return withSystemNames(path);
}

/** Reads expressions up to a closing symbol. */
function readList(reader: QueryReader, close: string, depth: number): readonly Expression[] {
  const items: Expression[] = [];
  if (reader.take(close)) return items;
  do items.push(readExpression(reader, depth));
  while (reader.take(","));
  reader.expect(close);
  return items;
}

function readCall(reader: QueryReader, depth: number): Expression {
  const { text, position } = reader.next();
  const name = text.toUpperCase();
  const known = Object.hasOwn(QUERY_FUNCTIONS, name) ? QUERY_FUNCTIONS[name] : undefined;
  if (!known) throw new QuerySyntaxError(`there is no function ${text}`, position);
  reader.expect("(");
  const values = readList(reader, ")", depth);
  const { minimum, maximum } = known;
  if (values.length < minimum || values.length > maximum) {
    throw new QuerySyntaxError(
      `${name} takes ${minimum === maximum ? minimum : `${minimum} to ${maximum}`} values`,
      position,
    );
  }
  return { kind: "call", name, values };
}

function readPrimary(reader: QueryReader, depth: number): Expression {
  const { kind, text, value } = reader.token;
  if (kind === "number") {
    reader.next();
    return { kind: "constant", value };
  }
  if (kind === "string") {
    reader.next();
    return { kind: "constant", value: text };
  }
  if (reader.take("(")) {
    const inner = readExpression(reader, depth);
    reader.expect(")");
    return inner;
  }
  if (reader.take("[")) return { kind: "array", items: readList(reader, "]", depth) };
  if (kind === "word") {
    const word = text.toUpperCase();
    if (Object.hasOwn(WORDS, word)) {
      reader.next();
      return { kind: "constant", value: WORDS[word] };
    }
    if (reader.isFollowedBy("(") && !RESERVED.has(word)) return readCall(reader, depth);
  }
  return { kind: "path", path: readPath(reader) } satisfies PathExpression;
}

function readUnary(reader: QueryReader, depth: number): Expression {
  if (!reader.take("-")) return readPrimary(reader, depth);
  checkDepth(reader, depth);
  const of = readUnary(reader, depth + 1);
  // A negative number is a constant.
  return of.kind === "constant" && typeof of.value === "number"
    ? { kind: "constant", value: -of.value }
    : { kind: "minus", of };
}

function checkDepth(reader: QueryReader, depth: number): void {
  if (depth < DEPTH_LIMIT) return;
  throw new QuerySyntaxError(`the expression nests deeper than ${DEPTH_LIMIT} levels`, reader.token.position);
}

function readOperator(reader: QueryReader, level: number): BinaryOperator | undefined {
  if (reader.token.kind !== "word" && reader.token.kind !== "symbol") return undefined;
  if (level === COMPARISON && reader.take("<>")) return "!=";
  return LEVELS[level]?.find((operator) => reader.take(operator));
}

function readLevel(reader: QueryReader, level: number, depth: number): Expression {
  if (level === LEVELS.length) return readUnary(reader, depth);
  if (level === COMPARISON && reader.take("NOT")) {
    checkDepth(reader, depth);
    return { kind: "not", of: readLevel(reader, level, depth + 1) };
  }
  let left = readLevel(reader, level + 1, depth);
  for (;;) {
    const operator = readOperator(reader, level);
    if (operator === undefined) return left;
    const right = readLevel(reader, level + 1, depth);
    left = { kind: "binary", operator, left, right };
  }
}

/** Reads an expression. Throws QuerySyntaxError. */
export function readExpression(reader: QueryReader, depth = 0): Expression {
  checkDepth(reader, depth);
  return readLevel(reader, 0, depth + 1);
}
