import { nearestWord } from "../../certs/nearestWord";
import type { CommandParameter, OperatorCommand, ParameterValue } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { CommandLine, LineWord } from "./lineGrammar";
import { QUOTING } from "./lineReader";
import { isSecret, readValue } from "./parameterValue";

/** A command's parameters as a line gives them. */
export interface BoundParameters {
  readonly values: Map<string, ParameterValue>;
  /** Parameters to prompt for, in the command's order: mandatory ones without a value, and secrets that the line names. */
  readonly missing: readonly CommandParameter[];
  /** User names of credentials that the line gives; only their password is prompted for. */
  readonly userNames: ReadonlyMap<string, string>;
}

/** The command of a name in any letter case. Errors: OperatorError CommandNotFound. */
export function findCommand(commands: readonly OperatorCommand[], name: string): OperatorCommand {
  const found = commands.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearestWord(
    name,
    commands.map((each) => each.name),
  );
  const remedy = near === undefined ? "Get-Command lists the commands" : `${near} is probably meant`;
  throw new OperatorError("CommandNotFound", "There is no such command.", remedy);
}

/** The parameter of a name, in any letter case, or of the beginning of its name. Errors: OperatorError ParameterNotFound. */
function findParameter({ name: command, parameters }: OperatorCommand, name: string): CommandParameter {
  const lower = name.toLowerCase();
  const exact = parameters.find((each) => each.name.toLowerCase() === lower);
  const begun = parameters.filter((each) => each.name.toLowerCase().startsWith(lower));
  const found = exact ?? (begun.length === 1 ? begun[0] : undefined);
  if (found !== undefined) return found;
  const remedy = `Get-Command ${command} -Syntax shows the parameters`;
  // The name is not repeated: it may be a secret that begins with a dash.
  const what =
    begun.length > 1 ? `begins the names of several: ${begun.map((each) => each.name).join(", ")}` : "does not exist";
  throw new OperatorError("ParameterNotFound", `A parameter of ${command} ${what}.`, remedy);
}

/** The value of a word that is one, or of a parameter that takes it; undefined where the next word is none. */
function valueAfter(word: LineWord, next: LineWord | undefined): readonly string[] | undefined {
  if (word.value !== undefined) return word.value.items;
  return next !== undefined && next.parameter === undefined ? next.value.items : undefined;
}

/**
 * Binds the words of a line to the parameters of its command: by name, then by position. Errors: OperatorError
 * ParameterNotFound, ParameterInvalid.
 */
export function bindParameters(command: OperatorCommand, { words }: CommandLine): BoundParameters {
  const values = new Map<string, ParameterValue>();
  const userNames = new Map<string, string>();
  const asked = new Set<string>();
  const positional: (readonly string[])[] = [];
  const given = new Set<string>();

  const bindSecret = ({ name, type }: CommandParameter, items: readonly string[] | undefined): void => {
    const [text] = items ?? [];
    if (type === "SecureString" && text !== undefined) {
      const rule = "is secret and must not be on the line, where others may see it";
      throw new OperatorError("ParameterInvalid", `-${name} ${rule}.`, `give -${name} alone; it is prompted for`);
    }
    if (text !== undefined && text.toLowerCase() !== "get-credential") userNames.set(name, text);
    asked.add(name);
  };

  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as LineWord;
    if (word.parameter === undefined) {
      positional.push(word.value.items);
      continue;
    }
    const parameter = findParameter(command, word.parameter);
    if (given.has(parameter.name)) {
      throw new OperatorError("ParameterInvalid", `-${parameter.name} is given more than once.`, "give it once");
    }
    given.add(parameter.name);
    if (parameter.type === "Switch") {
      if (word.value !== undefined) {
        throw new OperatorError(
          "ParameterInvalid",
          `-${parameter.name} takes no value.`,
          `give -${parameter.name} alone`,
        );
      }
      values.set(parameter.name, true);
      continue;
    }
    const items = valueAfter(word, words[index + 1]);
    if (items !== undefined && word.value === undefined) index += 1;
    if (isSecret(parameter)) {
      bindSecret(parameter, items);
    } else if (items === undefined) {
      throw new OperatorError("ParameterInvalid", `-${parameter.name} has no value.`, `give -${parameter.name} VALUE`);
    } else {
      values.set(parameter.name, readValue(parameter, items));
    }
  }

  const places = command.parameters
    .filter(({ name, position }) => position !== undefined && !given.has(name))
    .sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
  for (const [index, items] of positional.entries()) {
    const parameter = places[index];
    if (parameter === undefined) {
      const remedy = `Get-Command ${command.name} -Syntax shows the parameters; ${QUOTING}`;
      throw new OperatorError("ParameterInvalid", `${command.name} takes no further value without a name.`, remedy);
    }
    if (isSecret(parameter)) bindSecret(parameter, items);
    else values.set(parameter.name, readValue(parameter, items));
  }

  const missing = command.parameters.filter(
    ({ name, isMandatory }) => asked.has(name) || (isMandatory === true && !values.has(name)),
  );
  return { values, missing, userNames };
}
