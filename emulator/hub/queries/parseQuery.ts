import { readExpression, readPath } from "./parseExpression";
import { QueryReader } from "./queryReader";
import { QuerySyntaxError } from "./querySyntaxError";
import {
  type AggregateName,
  COLLECTIONS,
  type CollectionName,
  type Expression,
  type Projection,
  type Query,
} from "./queryTree";

const AGGREGATES: readonly AggregateName[] = ["COUNT", "AVG", "SUM", "MIN", "MAX"];

/** Clauses of SQL that the language does not have. */
const NOT_IN_LANGUAGE = ["DISTINCT", "HAVING", "JOIN", "LIMIT", "OFFSET", "ORDER"];

function checkInLanguage(reader: QueryReader): void {
  const clause = NOT_IN_LANGUAGE.find((each) => reader.is(each));
  if (clause) throw new QuerySyntaxError(`${clause} is not in the query language of IoT Hub,`, reader.token.position);
}

function readProjection(reader: QueryReader, index: number): Projection {
  checkInLanguage(reader);
  const aggregate = AGGREGATES.find((name) => reader.is(name) && reader.isFollowedBy("("));
  let path: readonly string[] | undefined;
  if (aggregate) {
    reader.next();
    reader.expect("(");
    if (aggregate !== "COUNT") path = readPath(reader);
    reader.expect(")");
  } else path = readPath(reader);
  const isNamed = reader.take("AS");
  if (isNamed && reader.token.kind !== "word" && reader.token.kind !== "name") throw reader.unexpected("an alias");
  const alias = isNamed ? reader.next().text : aggregate ? `$${index + 1}` : (path?.at(-1) ?? "");
  return { alias, path, aggregate };
}

function readSelect(reader: QueryReader): readonly Projection[] | undefined {
  if (reader.take("*")) return undefined;
  const list: Projection[] = [];
  do list.push(readProjection(reader, list.length));
  while (reader.take(","));
  return list;
}

function readTop(reader: QueryReader): number | undefined {
  if (!reader.take("TOP")) return undefined;
  const { kind, value = 0 } = reader.token;
  if (kind !== "number" || !Number.isSafeInteger(value) || value < 1) throw reader.unexpected("a whole number above 0");
  reader.next();
  return value;
}

function readCollection(reader: QueryReader): CollectionName {
  const { position } = reader.token;
  const parts: string[] = [];
  do {
    if (reader.token.kind !== "word") throw reader.unexpected("a collection");
    parts.push(reader.next().text.toLowerCase());
  } while (reader.take("."));
  const collection = COLLECTIONS.find((name) => name === parts.join("."));
  if (!collection)
    throw new QuerySyntaxError(`FROM takes ${COLLECTIONS.join(", ")}, not ${parts.join(".")},`, position);
  return collection;
}

const isSamePath = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, at) => name === other[at]);

/** Throws for what the documentation excludes: "Queries for IoT Hub jobs", limitations; GROUP BY of other collections. */
function checkQuery({ from, select, groupBy }: Query): void {
  const fail = (message: string) => new QuerySyntaxError(message, 0);
  if (from === "devices.jobs" && (select || groupBy)) throw fail("FROM devices.jobs takes SELECT * alone; the query");
  if (from !== "devices" && groupBy) throw fail("GROUP BY takes FROM devices alone; the query");
  const hasAggregates = select?.some(({ aggregate }) => aggregate !== undefined) === true;
  if (!groupBy && !hasAggregates) return;
  const single = select?.find(
    ({ aggregate, path }) => !aggregate && path && !groupBy?.some((group) => isSamePath(group, path)),
  );
  if (!select || single) throw fail(`${single?.alias ?? "*"} is neither an aggregate nor in GROUP BY; the query`);
}

/** Parses a query. Linear in the text. Throws QuerySyntaxError. */
export function parseQuery(text: string): Query {
  const reader = new QueryReader(text);
  reader.expect("SELECT");
  checkInLanguage(reader);
  const top = readTop(reader);
  const select = readSelect(reader);
  reader.expect("FROM");
  const from = readCollection(reader);
  checkInLanguage(reader);
  const where = reader.take("WHERE") ? readExpression(reader) : undefined;
  let groupBy: (readonly string[])[] | undefined;
  checkInLanguage(reader);
  if (reader.take("GROUP")) {
    reader.expect("BY");
    groupBy = [];
    do groupBy.push(readPath(reader));
    while (reader.take(","));
  }
  checkInLanguage(reader);
  reader.take(";");
  if (reader.token.kind !== "end") throw reader.unexpected("the end of the query");
  const query: Query = { from, select, top, where, groupBy };
  checkQuery(query);
  return query;
}

/** Parses a condition alone, as jobs and configurations have it. Throws QuerySyntaxError. */
export function parseCondition(text: string): Expression {
  const reader = new QueryReader(text);
  const condition = readExpression(reader);
  if (reader.token.kind !== "end") throw reader.unexpected("the end of the condition");
  return condition;
}
