import { issueVerification } from "../../issue";
import { generateKeyPair } from "../../keys";
import type { Command } from "../command";
import { Faults } from "../faults";
import { checkNew, writeNew } from "../files";
import { ISSUER_OPTIONS, loadIssuer } from "../inputs";
import { DAYS, FORCE, tellIssued } from "../output";
import { issueOptions, notePlan } from "../plan";

/** `zero-touch certs verification`. */
export const verification: Command = {
  about:
    "Issues the certificate that proves possession of a CA's key.\n" +
    "It carries the verification code of the provisioning service. Its own key serves nothing and is not kept.",
  options: {
    code: { value: "CODE", required: true, about: "The verification code that Azure gave" },
    out: { value: "FILE", required: true, about: "Write the certificate here, PEM" },
    ...ISSUER_OPTIONS,
    ...DAYS,
    ...FORCE,
  },
  async run(args, context) {
    const faults = new Faults();
    const [verificationCode, path, force] = [args.need("code"), args.need("out"), args.has("force")];
    const loaded = await loadIssuer(args, context, faults);
    notePlan(faults, verificationCode, "verification", context, loaded?.certificate);
    await faults.gather(() => checkNew(path, force));
    const issuer = faults.sure(loaded);
    const { publicKey } = await generateKeyPair("EC-P256");
    const made = await issueVerification({ verificationCode, publicKey, issuer, ...issueOptions(args, context) });
    await writeNew(path, made.toPem(), { force });
    tellIssued(context, made, path);
    return 0;
  },
};
