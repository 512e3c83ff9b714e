import { CertsError } from "../../certs/errors";
import { readArguments, UsageError } from "../commandLine";
import { asksForHelp, helpText } from "../commandUsage";
import type { CertsCommand } from "./certsCommand";
import type { CertsContext } from "./certsContext";
import { intermediate, root } from "./commands/authority";
import { convert } from "./commands/convert";
import { issue } from "./commands/issue";
import { lint } from "./commands/lint";
import { csr, sign } from "./commands/request";
import { show } from "./commands/show";
import { verification } from "./commands/verification";
import { Skipped, ValidationErrors } from "./validationErrors";

/** The commands of `zero-touch certs` by name. */
export const CERTS_COMMANDS: Readonly<Record<string, CertsCommand>> = Object.freeze({
  root,
  intermediate,
  issue,
  csr,
  sign,
  verification,
  show,
  lint,
  convert,
});

function overview(): string {
  const width = Math.max(...Object.keys(CERTS_COMMANDS).map((name) => name.length)) + 2;
  const lines = Object.entries(CERTS_COMMANDS).map(
    ([name, { about }]) => `  ${name.padEnd(width)}${about.split("\n")[0]}`,
  );
  return [
    "Certificates for zero-touch provisioning: make, sign, read and check them.",
    "",
    "Usage: zero-touch certs COMMAND [options]",
    "",
    ...lines,
    "",
    "zero-touch certs COMMAND --help lists the options of a command. Passphrases come from a file, an environment variable",
    "or a prompt, never from an argument.",
    "",
  ].join("\n");
}

/** The context, which prompts for nothing once there is an error. */
function promptingWhileValid(context: CertsContext, errors: ValidationErrors): CertsContext {
  const { prompt } = context;
  if (prompt === undefined) return context;
  const promptOrSkip = async (question: string): Promise<string> => {
    if (errors.any) throw new Skipped();
    return prompt(question);
  };
  return { ...context, prompt: promptOrSkip };
}

/**
 * Runs `zero-touch certs` and returns the exit code: 0 done; 1 failed, or lint found an error; 2 the command line or its
 * files have errors, which are all printed, and nothing was made; 130 stopped by the user.
 */
export async function runCertsCommand(argv: readonly string[], context: CertsContext): Promise<number> {
  const [name = "--help", ...rest] = argv;
  if (asksForHelp([name])) {
    context.print(overview());
    return 0;
  }
  const command = Object.hasOwn(CERTS_COMMANDS, name) ? CERTS_COMMANDS[name] : undefined;
  if (command === undefined) {
    context.log(`There is no command certs ${name}.\n\n${overview()}`);
    return 2;
  }
  const usage = ["zero-touch certs", name, command.operands, "[options]"].filter(Boolean).join(" ");
  const rule = { ...command, usage };
  if (asksForHelp(rest)) {
    context.print(helpText(rule));
    return 0;
  }
  try {
    const { args, errors: lineErrors } = readArguments(rule, rest);
    const errors = new ValidationErrors(lineErrors);
    return await command.run({ args, context: promptingWhileValid(context, errors), errors });
  } catch (error) {
    if (error instanceof UsageError) {
      for (const each of error.errors) context.log(`error: ${each}\n`);
      context.log(`zero-touch certs ${name} --help lists the options.\n`);
      return 2;
    }
    if (error instanceof CertsError) {
      context.log(`error [${error.code}]: ${error.message}\n`);
      return 1;
    }
    // The last place for what the system refuses, such as standard output on a full disk.
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    context.log(`error [file]: ${message}\n`);
    return 1;
  }
}
