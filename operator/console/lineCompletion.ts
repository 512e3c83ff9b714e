import type { CommandContext, OperatorCommand } from "../commands/operatorCommand";

const startingWith = (words: readonly string[], start: string): string[] =>
  words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()));

/** A completed value, in quotes where it needs them. */
const quoted = (value: string): string => (/^[\w.:/-]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`);

/**
 * Completions of a line that ends at the cursor, and the word that they replace: commands, their parameters, and values where
 * a parameter knows them.
 */
export async function lineCompletions(
  line: string,
  commands: readonly OperatorCommand[],
  context: CommandContext,
): Promise<[readonly string[], string]> {
  const words = line.trimStart().split(/\s+/);
  const word = words.at(-1) ?? "";
  const [name = "", ...given] = words;
  if (given.length === 0) {
    return [
      startingWith(
        commands.map((each) => each.name),
        word,
      ).map((each) => `${each} `),
      word,
    ];
  }
  const command = commands.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (command === undefined) return [[], word];
  if (word.startsWith("--")) return [startingWith(["--json "], word), word];
  if (word.startsWith("-")) {
    const free = command.parameters.filter(
      (each) => !given.slice(0, -1).some((other) => other.toLowerCase() === `-${each.name.toLowerCase()}`),
    );
    return [
      startingWith(
        free.map((each) => `-${each.name}`),
        word,
      ).map((each) => `${each} `),
      word,
    ];
  }
  const before = given.at(-2)?.toLowerCase();
  const named = command.parameters.find((each) => `-${each.name.toLowerCase()}` === before);
  const parameter = named ?? command.parameters.find((each) => each.position === 0);
  if (parameter === undefined) return [[], word];
  if (parameter.type === "Credential") return [startingWith(["Get-Credential "], word), word];
  const values = parameter.choices ?? (await parameter.complete?.(context)) ?? [];
  return [startingWith(values.map(quoted), word).map((each) => `${each} `), word];
}
