import { issueVerification } from "../../../certs/issue";
import { generateKeyPair } from "../../../certs/keys";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { writeNew } from "../newFiles";
import { checkTarget, DAYS, FORCE, printIssued } from "../outputFiles";
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
  async run(args, context, errors) {
    const loaded = await loadIssuer(args, context, errors);
    noteCode(errors, "--code", args.text("code"));
    // The issuer's errors only: a code's rule is narrower than a common name's.
    notePlan(errors, "--code", undefined, "verification", context, loaded?.certificate);
    await checkTarget(args, "out", errors);
    const issuer = errors.sure(loaded);
    const [verificationCode, path, force] = [args.need("code"), args.need("out"), args.has("force")];
    const { publicKey } = await generateKeyPair("EC-P256");
    const made = await issueVerification({ verificationCode, publicKey, issuer, ...issueOptions(args, context) });
    await writeNew(path, made.toPem(), { force });
    printIssued(context, made, path);
    return 0;
  },
};
