import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CERTS_COMMANDS } from "../../cli/certs/runCertsCommand";
import { readArguments } from "../../cli/commandLine";
import { COMMAND_RULES } from "../../cli/commandRules";
import type { CommandRule } from "../../cli/commandUsage";
import { endpointCommands } from "../../operator/commands/endpointCommands";
import { stackCommands } from "../../operator/commands/stackCommands";
import { parseLine } from "../../operator/console/lineGrammar";
import { bindParameters, findCommand } from "../../operator/console/parameterBinding";
import { codeBlocks } from "./docSamples";

const ROOT = resolve(__dirname, "../..");

/** The words of a command line of a shell, up to a comment, a pipe or the next command. */
function shellWords(text: string): string[] {
  const words: string[] = [];
  for (const [, double, single, operator, plain] of text.matchAll(
    /"([^"]*)"|'([^']*)'|([|&;)`#>])|([^\s"'|&;)`#>]+)/g,
  )) {
    if (operator !== undefined) break;
    words.push(double ?? single ?? plain ?? "");
  }
  // npm passes on what follows it.
  return words.filter((word) => word !== "--");
}

/** The commands of the toolkit in the code of a page: `npx zero-touch …` and `npm run …`. */
function toolkitCommands(page: string): readonly { readonly line: string; readonly words: readonly string[] }[] {
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll("\\\n", " ");
  const code = [
    ...["", "sh"].flatMap((language) => codeBlocks(page, language).map((block) => block.replaceAll("\\\n", " "))),
    ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span),
  ].join("\n");
  return [...code.matchAll(/(?:npx zero-touch|npm run(?: -s)?(?: --prefix \S+)?) ([a-z].*)$/gm)].map(
    ([line, rest = ""]) => ({
      line,
      words: shellWords(rest),
    }),
  );
}

/** The rule of a command, and how many words its name has; undefined for scripts without arguments of their own. */
function ruleOf([first = "", second = ""]: readonly string[]):
  | { readonly rule: CommandRule; readonly length: number }
  | undefined {
  const certs = first === "certs" ? CERTS_COMMANDS[second] : undefined;
  if (certs !== undefined) return { rule: { ...certs, usage: "" }, length: 2 };
  const withAction = COMMAND_RULES[`${first} ${second}`];
  if (withAction !== undefined) return { rule: withAction, length: 2 };
  const rule = COMMAND_RULES[first];
  return rule && { rule, length: 1 };
}

/** Errors of what prose leaves to its reader: a value in capitals, or an option that is named without its value. */
const LEFT_OPEN = /is '[A-Z]+'|is without a value/;

const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly scripts: Readonly<Record<string, string>> }
).scripts;

/** What the toolkit would refuse of the commands on a page: options that a command does not have, or values out of their range. */
export function commandErrors(page: string): readonly string[] {
  return toolkitCommands(page).flatMap(({ line, words }) => {
    const found = ruleOf(words);
    if (line.startsWith("npm") && SCRIPTS[words[0] ?? ""] === undefined) return [`${page}: ${line}: no such script`];
    if (found === undefined || /local -- exec|…|\.\.\.|\[|\\\||--help/.test(line)) return [];
    const given = words.slice(found.length);
    // Prose names commands without the rest of their line.
    const errors = given.length === 0 ? [] : readArguments(found.rule, given).errors;
    return errors.filter((error) => !LEFT_OPEN.test(error)).map((error) => `${page}: ${line.trim()}: ${error}`);
  });
}

const unused = {} as never;

/** The lines for the operator endpoint on a page, and why the endpoint would refuse each. */
export function endpointLines(page: string): ReadonlyMap<string, string | undefined> {
  const commands = endpointCommands({ users: unused, support: unused, transcripts: unused }, stackCommands(unused));
  const blocks = ["", "sh"].flatMap((language) => codeBlocks(page, language)).join("\n");
  const typed = [...blocks.matchAll(/ZT> (.+)$/gm)].map(([, line = ""]) => line);
  // The client's shell removes double quotes, and joins the words.
  const sent = [...blocks.matchAll(/ssh … \S+ -- (?:"(.*)"|([^"|\n]*))/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? "").trim(),
  );
  const cells = [...readFileSync(join(ROOT, page), "utf8").matchAll(/\| `(Close-PrivilegedEndpoint https[^`]*)`/g)].map(
    ([, line = ""]) => line,
  );
  return new Map(
    [...typed, ...sent, ...cells].map((line) => {
      try {
        const parsed = parseLine(line.replace(/\$\([^)]*\)/g, "AAAA"));
        if (parsed !== undefined) bindParameters(findCommand(commands, parsed.command), parsed);
        return [line, undefined];
      } catch (error) {
        return [line, String(error)];
      }
    }),
  );
}
