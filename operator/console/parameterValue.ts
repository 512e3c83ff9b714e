import type { CommandParameter, ParameterValue } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";

/** Whether a parameter's value is secret, so that it is prompted for and never given on the line. */
export function isSecret({ type }: CommandParameter): boolean {
  return type === "SecureString" || type === "Credential";
}

/** ISO 8601, in UTC where no offset is given. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function readDateTime(text: string): Date | undefined {
  const found = DATE_TIME.exec(text);
  if (found === null) return undefined;
  const hasTime = text.length > 10;
  const date = new Date(hasTime && found[1] === undefined ? `${text.replace(" ", "T")}Z` : text.replace(" ", "T"));
  // Date accepts 31 February; its day differs then.
  const isReal =
    !Number.isNaN(date.getTime()) && new Date(text.slice(0, 10)).toISOString().startsWith(text.slice(0, 10));
  return isReal ? date : undefined;
}

/** Reads the value of a parameter. Errors: OperatorError ParameterInvalid, with the rule that the value breaks. */
export function readValue(parameter: CommandParameter, items: readonly string[]): ParameterValue {
  const { name, type, choices, pattern, from, to } = parameter;
  const invalid = (rule: string): OperatorError =>
    new OperatorError("ParameterInvalid", `-${name} ${rule}.`, `Get-Help describes it: ${parameter.about}`);
  const chosen = (item: string): string => {
    if (item === "") throw invalid("is empty");
    const choice = choices?.find((each) => each.toLowerCase() === item.toLowerCase());
    if (choices !== undefined && choice === undefined) throw invalid(`must be one of ${choices.join(", ")}`);
    if (pattern !== undefined && !pattern.test(item)) throw invalid("has a wrong form");
    return choice ?? item;
  };
  if (type === "String[]") return items.map(chosen);
  const [item = ""] = items;
  if (items.length > 1) throw invalid("takes one value; a text with a comma needs quotation marks");
  switch (type) {
    case "Int32": {
      const number = /^[-+]?\d{1,10}$/.test(item) ? Number(item) : Number.NaN;
      const [lowest, highest] = [from ?? -(2 ** 31), to ?? 2 ** 31 - 1];
      if (!(number >= lowest && number <= highest))
        throw invalid(`must be a whole number from ${lowest} to ${highest}`);
      return number;
    }
    case "DateTime": {
      const date = readDateTime(item);
      if (date === undefined) throw invalid("must be a date and time such as 2026-11-26 or 2026-11-26T14:30Z");
      return date;
    }
    default: {
      const text = chosen(item);
      if (text.length < (from ?? 0)) throw invalid(`must have at least ${from} characters`);
      if (text.length > (to ?? Number.POSITIVE_INFINITY)) throw invalid(`must have at most ${to} characters`);
      return text;
    }
  }
}
