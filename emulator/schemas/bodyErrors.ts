import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import type { JsonObject } from "../../azure/wire/jsonObject";
import { type BodySchema, wholeSchema } from "./bodySchema";

/** A value in a body that breaks a rule of its schema. */
export interface BodyError {
  /** For example `properties.iotHubs[0].location`; empty for the body itself. */
  readonly field: string;
  /** For example `must be one of Enabled, Disabled`. */
  readonly rule: string;
  /** The value as JSON, shortened. Undefined for a missing value, and for a secret. */
  readonly value?: string;
  /** The name of the error that Azure has for this property alone. */
  readonly code?: string;
}

/** A validator of all schemas. Without the last three options compiling a schema takes three times as long. */
function newAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({ allErrors, verbose: true, meta: false, validateSchema: false, code: { optimize: false } });
  ajv.addVocabulary(["code"]);
  return ajv.addKeyword({
    keyword: "anyCase",
    type: "string",
    schemaType: "array",
    compile(words: readonly string[]) {
      const known = new Set(words.map((word) => word.toLowerCase()));
      return (value: string) => known.has(value.toLowerCase());
    },
  });
}

/** Reports all errors, or only the first one, in a body of so many values that all of them could fill the memory. */
const AJV = Object.freeze({ all: newAjv(true), first: newAjv(false) });
const MANY_VALUES = 5000;

function hasManyValues(body: unknown): boolean {
  const open: unknown[] = [body];
  for (let seen = 0; open.length > 0; seen += 1) {
    const value = open.pop();
    const members = typeof value === "object" && value !== null ? Object.values(value) : [];
    if (seen + open.length + members.length > MANY_VALUES) return true;
    open.push(...members);
  }
  return false;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  array: "a list",
  object: "an object",
};

const range = (least: number | undefined, most: number | undefined): string =>
  most === undefined ? `at least ${least}` : least === undefined ? `at most ${most}` : `from ${least} to ${most}`;

function ruleOf({ keyword, parentSchema, data }: ErrorObject): string {
  const schema = parentSchema as BodySchema;
  if (keyword === "type" && data === null) return "is required";
  const words = (list: readonly unknown[] = []) => list.filter((each) => each !== null).join(", ");
  switch (keyword) {
    case "required":
      return "is required";
    case "enum":
    case "anyCase":
      return `must be one of ${words(schema.enum ?? schema.anyCase)}`;
    case "minimum":
    case "maximum":
      return `must be ${range(schema.minimum, schema.maximum)}`;
    case "minLength":
    case "maxLength":
      if (schema.minLength === 1 && schema.maxLength === undefined) return "must not be empty";
      return `must have ${range(schema.minLength, schema.maxLength)} characters`;
    case "minItems":
    case "maxItems":
      if (schema.minItems === 1 && schema.maxItems === undefined) return "must not be empty";
      return `must have ${range(schema.minItems, schema.maxItems)} items`;
    case "maxProperties":
      return `must have at most ${schema.maxProperties} members`;
    case "type":
      return `must be ${TYPES[schema.type ?? ""] ?? schema.type}`;
    default:
      return `must be ${schema.description ?? "valid"}`;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function bodyError(error: ErrorObject): BodyError {
  const { writeOnly, code } = error.parentSchema as BodySchema;
  const missing =
    error.keyword === "required" ? `/${(error.params as { missingProperty: string }).missingProperty}` : "";
  const field = (error.instancePath + missing)
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : `${index > 0 ? "." : ""}${part}`))
    .join("");
  // A text in place of an object or a list may contain a secret.
  const isContainer = ["object", "array"].includes((error.parentSchema as BodySchema).type ?? "");
  const hidden =
    missing !== "" ||
    /Length$/.test(error.keyword) ||
    writeOnly === true ||
    isContainer ||
    typeof error.data === "object";
  return { field, rule: ruleOf(error), value: hidden ? undefined : shown(error.data), code };
}

const compiled = new Map<string, ValidateFunction>();

function validator(name: string, reports: keyof typeof AJV): ValidateFunction {
  const key = `${name} ${reports}`;
  const known = compiled.get(key);
  if (known) return known;
  const validate = AJV[reports].compile(wholeSchema(name) as JsonObject);
  compiled.set(key, validate);
  return validate;
}

/** Returns the errors of a body by a schema, `FILE.DEFINITION`; none for a valid one. */
export function bodyErrors(name: string, body: unknown): readonly BodyError[] {
  const validate = validator(name, hasManyValues(body) ? "first" : "all");
  if (validate(body)) return [];
  const errors = validate.errors ?? [];
  const wrongTypes = new Set(
    errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath),
  );
  return errors
    .filter(({ keyword, instancePath, propertyName }) =>
      keyword === "type" ? true : !wrongTypes.has(instancePath) && propertyName === undefined,
    )
    .map(bodyError);
}

/** Errors as one sentence, the first ten: `sku.capacity must be from 1 to 200, not 0; tags must be an object`. */
export const errorText = (errors: readonly BodyError[]): string =>
  [
    ...new Set(
      errors.map(
        ({ field, rule, value }) => `${field || "the body"} ${rule}${value === undefined ? "" : `, not ${value}`}`,
      ),
    ),
  ]
    .slice(0, 10)
    .join("; ");
