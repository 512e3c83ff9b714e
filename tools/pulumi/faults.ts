import { SetupError } from "../bootstrap/setupError.cjs";
import { STACK } from "../paths";

/** What the CLI prints, and the clear message for it. */
interface KnownFault {
  readonly sign: RegExp;
  readonly error: () => SetupError;
}

const KNOWN: readonly KnownFault[] = [
  {
    sign: /^error: .*incorrect passphrase/,
    error: () =>
      new SetupError(
        "WRONG_PASSPHRASE",
        `The passphrase does not open the stack ${STACK}.`,
        "The stack's state or the encryptionsalt of Pulumi.dev.yaml was made with another passphrase than the published one\nof the local dev stack.",
        [
          "git checkout -- Pulumi.dev.yaml",
          "npm run down -- --force, then npm run up: begins anew (nothing but the local Azure is touched)",
        ],
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
export function faultOf(line: string): SetupError | undefined {
  return KNOWN.find(({ sign }) => sign.test(line))?.error();
}
