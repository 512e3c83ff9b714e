import type { CommandParameter, OperatorCommand } from "./operatorCommand";

/** A parameter as PowerShell's syntax writes it: `[-Name] <String>`, the whole in brackets where it is optional. */
function parameterSyntax({ name, type, isMandatory, position, choices }: CommandParameter): string {
  const word = position === undefined ? `-${name}` : `[-${name}]`;
  const value = type === "Switch" ? "" : ` <${choices === undefined ? type : choices.join("|")}>`;
  return isMandatory === true ? `${word}${value}` : `[${word}${value}]`;
}

/** The syntax of a command, as `Get-Command NAME -Syntax` prints it. */
export function commandSyntax({ name, parameters }: OperatorCommand): string {
  return [name, ...parameters.map(parameterSyntax), "[--json]"].join(" ");
}

/** The help of a command. */
export function commandHelp(command: OperatorCommand): string {
  const { name, about, parameters, role, example, isUnlockedOnly } = command;
  const who = role === "administrator" ? "administrators" : "every operator";
  const sections: [string, string[]][] = [
    ["NAME", [name]],
    ["SYNOPSIS", [about]],
    ["SYNTAX", [commandSyntax(command)]],
    [
      "PARAMETERS",
      parameters.flatMap((each) => [
        `-${each.name} <${each.type}>${each.isMandatory === true ? ", mandatory" : ""}`,
        `    ${each.about}${each.choices === undefined ? "" : ` One of ${each.choices.join(", ")}.`}`,
      ]),
    ],
    ["ROLE", [`${who}${isUnlockedOnly === true ? ", in an unlocked session" : ""}`]],
    ["EXAMPLE", [example]],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map((line) => `    ${line}`).join("\n")}\n`)
    .join("\n");
}
