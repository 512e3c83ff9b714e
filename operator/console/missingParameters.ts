import type { CommandParameter, OperatorCommand, ParameterValue, ParameterValues } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { BoundParameters } from "./parameterBinding";
import { isSecret, readValue } from "./parameterValue";
import type { SessionConsole } from "./sessionConsole";

/**
 * The values of a command, those that the line lacks by prompts, as PowerShell has them. Errors: OperatorError
 * ParameterMissing without a terminal, ParameterInvalid, Cancelled.
 */
export async function completeParameters(
  command: OperatorCommand,
  { values, missing, userNames }: BoundParameters,
  console: SessionConsole,
): Promise<ParameterValues> {
  if (missing.length > 0 && console.isTerminal) {
    console.show(
      `cmdlet ${command.name} at command pipeline position 1\nSupply values for the following parameters:\n`,
    );
  }
  for (const parameter of missing) {
    values.set(parameter.name, await promptedValue(parameter, userNames.get(parameter.name), console));
  }
  return Object.fromEntries(values);
}

async function promptedValue(
  parameter: CommandParameter,
  userName: string | undefined,
  console: SessionConsole,
): Promise<ParameterValue> {
  const { name, type, isConfirmed } = parameter;
  if (!isSecret(parameter)) {
    if (!console.isTerminal) {
      throw new OperatorError("ParameterMissing", `-${name} is missing: ${parameter.about}`, `give -${name} VALUE`);
    }
    const text = await console.ask(`${name}: `);
    return readValue(parameter, type === "String[]" ? text.split(",").map((item) => item.trim()) : [text]);
  }
  if (type === "Credential") {
    if (userName === undefined && !console.isTerminal) {
      throw new OperatorError("ParameterMissing", `-${name} needs a user name.`, `give -${name} USERNAME`);
    }
    const user = userName ?? (await console.ask("User: "));
    return { userName: user, password: await secret(`Password for user ${user}: `, name, console) };
  }
  const text = await secret(`${name}: `, name, console);
  if (isConfirmed === true && console.isTerminal && (await console.askHidden(`Confirm ${name}: `)) !== text) {
    throw new OperatorError("ParameterInvalid", `The two values of -${name} differ.`, "run the command again");
  }
  return text;
}

async function secret(prompt: string, name: string, console: SessionConsole): Promise<string> {
  const text = await console.askHidden(prompt);
  if (text !== "") return text;
  throw new OperatorError("ParameterMissing", `-${name} is missing.`, "type it, or give it on standard input");
}
