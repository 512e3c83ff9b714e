import { SetupError } from "../../bootstrap/setupError.cjs";
import { STACK } from "../checkoutPaths";

/** What the CLI prints, and the clear message for it. */
interface KnownError {
  readonly sign: RegExp;
  readonly error: (found: RegExpExecArray) => SetupError;
}

/** How a value of a type is set, for the types that Pulumi.yaml names. */
const waysToSet: Readonly<Record<string, (key: string) => string>> = Object.freeze({
  integer: (key) => `pulumi config set ${key} 1`,
  boolean: (key) => `pulumi config set ${key} true`,
  "array<string>": (key) => `pulumi config rm ${key}, then pulumi config set --path '${key}[0]' VALUE`,
});

const KNOWN: readonly KnownError[] = [
  {
    sign: /^error: .*incorrect passphrase/,
    error: () =>
      new SetupError(
        "WRONG_PASSPHRASE",
        `The passphrase does not open the stack ${STACK}.`,
        "The stack's state or the encryptionsalt of Pulumi.dev.yaml was made with another passphrase than the published one\nof the local dev stack.",
        [
          "git checkout -- Pulumi.dev.yaml",
          "npm run down -- --force, then npm run up: starts again (only the local Azure is affected)",
        ],
      ),
  },
  {
    // The CLI checks types before the program runs, and reports the first error alone, without a remedy.
    sign: /^error: validating stack config: Stack '.*' with configuration key '(.*)' must be of type '(.*)'/,
    error: ([, key = "", type = ""]) =>
      new SetupError(
        "SETTING_OF_ANOTHER_TYPE",
        `The setting ${key} must be of type ${type}.`,
        `Pulumi.yaml says so; the value is in Pulumi.${STACK}.yaml. Nothing was changed.`,
        [waysToSet[type]?.(key) ?? `pulumi config set ${key} VALUE`, `pulumi config rm ${key}: takes its default`],
      ),
  },
  {
    sign: /^error: .*the stack is currently locked by \d+ lock/,
    error: () =>
      new SetupError(
        "STACK_LOCKED",
        `The stack ${STACK} is being changed by another run.`,
        "Pulumi lets one run at a time change a stack.",
        "wait until the other run ends, then run this again",
      ),
  },
];

/** The clear message for a line of the CLI's stderr, undefined for a line that is not known. */
export function knownErrorOf(line: string): SetupError | undefined {
  for (const { sign, error } of KNOWN) {
    const found = sign.exec(line);
    if (found !== null) return error(found);
  }
  return undefined;
}
