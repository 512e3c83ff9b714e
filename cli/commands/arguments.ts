/** Takes a switch out of the arguments. */
export function takeFlag(
  args: readonly string[],
  flag: string,
): { readonly found: boolean; readonly rest: readonly string[] } {
  return { found: args.includes(flag), rest: args.filter((argument) => argument !== flag) };
}

/** Takes an option with a value (`--name value` or `--name=value`) out of the arguments; the last one counts. */
export function takeOption(
  args: readonly string[],
  option: string,
): { readonly value: string | undefined; readonly rest: readonly string[] } {
  const rest: string[] = [];
  let value: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === option) {
      index += 1;
      value = args[index] ?? "";
    } else if (argument.startsWith(`${option}=`)) value = argument.slice(option.length + 1);
    else rest.push(argument);
  }
  return { value, rest };
}
