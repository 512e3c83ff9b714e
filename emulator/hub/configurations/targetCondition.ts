import { hubError } from "../hubErrors";
import { parseCondition, parseQuery } from "../queries/parseQuery";
import { QuerySyntaxError } from "../queries/querySyntaxError";
import { chainOf, type Expression, type Query } from "../queries/queryTree";

const MODULES = /^\s*from\s+devices\.modules\s+where\s/i;

/** Which twins a configuration targets: `none`, `all`, or those that meet a condition. */
export type Target = "none" | "all" | Expression;

/** The error of a target condition. */
export const invalidTarget = (text: string) =>
  hubError(
    "InvalidConfigurationTargetCondition",
    `Invalid targetCondition. It must be a filter condition based on 'deviceId', 'tags', or 'properties.reported'. It contains: ${text.slice(0, 200)}`,
  );

function* pathsOf(expression: Expression): Generator<readonly string[]> {
  if (expression.kind === "path") yield expression.path;
  else if (expression.kind === "array") for (const each of expression.items) yield* pathsOf(each);
  else if (expression.kind === "call") for (const each of expression.values) yield* pathsOf(each);
  else if (expression.kind === "not" || expression.kind === "minus") yield* pathsOf(expression.of);
  else if (expression.kind === "binary") {
    const { first, rest } = chainOf(expression);
    yield* pathsOf(first);
    for (const { right } of rest) yield* pathsOf(right);
  }
}

const isAllowed = ([first, second]: readonly string[]): boolean =>
  ["deviceId", "moduleId", "tags"].includes(first ?? "") || (first === "properties" && second === "reported");

/** The condition without the collection of modules. */
export const conditionText = (text: string): string => text.replace(MODULES, "").trim();

/** Parses a target condition. Throws InvalidConfigurationTargetCondition. */
export function readTarget(text: string): Target {
  const condition = conditionText(text);
  if (condition === "") return "none";
  if (condition === "*") return "all";
  let expression: Expression;
  try {
    expression = parseCondition(condition);
  } catch (error) {
    if (error instanceof QuerySyntaxError) throw invalidTarget(text);
    throw error;
  }
  for (const path of pathsOf(expression)) if (!isAllowed(path)) throw invalidTarget(path.join("."));
  return expression;
}

/**
 * Parses the query of a metric; one without FROM counts devices (azure-iot-cli-extension, test_iot_config_int.py: `select *`). Throws
 * InvalidConfigurationCustomMetricsQuery.
 */
export function readMetric(name: string, text: string): Query {
  try {
    return parseQuery(/^\s*select\s+\*\s*;?\s*$/i.test(text) ? "SELECT * FROM devices" : text);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    throw hubError("InvalidConfigurationCustomMetricsQuery", `${name}: ${error.message}`);
  }
}
