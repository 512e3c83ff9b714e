import { issueVerification } from "../../../certs/issue";
import { generateKeyPair } from "../../../certs/keys";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { checkTarget, DAYS, FORCE, writeIssued } from "../outputFiles";
import { noteCode } from "../verificationCode";

/** `zero-touch certs verification`. */
export const verification: CertsCommand = {
  about:
    "Issues the certificate that proves possession of a CA's key.\n" +
    "It carries the verification code of the provisioning service. Its own key is discarded.",
  options: {
    code: { value: "CODE", required: true, about: "The verification code from Azure, letters and digits" },
    out: { value: "FILE", required: true, about: "Write the certificate here, PEM" },
    ...ISSUER_OPTIONS,
    ...DAYS,
    ...FORCE,
  },
  async run(run) {
    const { args, errors } = run;
    const loaded = await loadIssuer(run);
    noteCode(errors, "--code", args.text("code"));
    // The issuer's errors only: a code's rule is narrower than a common name's.
    notePlan(run, "--code", undefined, "verification", loaded);
    await checkTarget(run, "out");
    const issuer = errors.sure(loaded);
    const { publicKey } = await generateKeyPair("EC-P256");
    const verificationCode = args.need("code");
    const made = await issueVerification({ verificationCode, publicKey, issuer, ...issueOptions(run) });
    return writeIssued(run, made, []);
  },
};
