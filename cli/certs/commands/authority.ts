import { issueIntermediate, issueRoot } from "../../../certs/issue";
import { KeySigner } from "../../../certs/signer";
import type { OptionRule } from "../../commandLine";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { writeNew } from "../newFiles";
import { checkTarget, DAYS, FORCE, KEY_OPTIONS, planKey, presentedChain, printIssued } from "../outputFiles";

const NAME: Readonly<Record<string, OptionRule>> = {
  name: { value: "CN", required: true, about: "Common name, 1 to 64 characters" },
};

const OUT: Readonly<Record<string, OptionRule>> = {
  out: { value: "FILE", required: true, about: "Write the certificate here, PEM" },
};

/** `zero-touch certs root`. */
export const root: CertsCommand = {
  about: "Creates a self-signed root CA: the trust anchor that is uploaded to the provisioning service.",
  options: { ...NAME, ...OUT, ...KEY_OPTIONS, ...DAYS, ...FORCE },
  async run(args, context, errors) {
    notePlan(errors, "--name", args.text("name"), "root", context);
    await checkTarget(args, "out", errors);
    const plan = errors.sure(await planKey(args, context, errors, true));
    const [commonName, path] = [args.need("name"), args.need("out")];
    const key = await plan.make();
    const made = await issueRoot({ commonName, signer: new KeySigner(key), ...issueOptions(args, context) });
    await plan.write(key);
    await writeNew(path, made.toPem(), { force: args.has("force") });
    printIssued(context, made, path);
    return 0;
  },
};

/** `zero-touch certs intermediate`. */
export const intermediate: CertsCommand = {
  about: "Creates an intermediate CA that signs devices' certificates. Its file has the chain above it, but no root.",
  options: {
    ...NAME,
    ...OUT,
    ...KEY_OPTIONS,
    ...ISSUER_OPTIONS,
    "path-length": { value: "N", from: 0, about: "How many CAs may be below it (default 0: devices only)" },
    ...DAYS,
    ...FORCE,
  },
  async run(args, context, errors) {
    const loaded = await loadIssuer(args, context, errors);
    notePlan(errors, "--name", args.text("name"), "intermediate", context, loaded?.certificate);
    await checkTarget(args, "out", errors);
    const plan = errors.sure(await planKey(args, context, errors, true));
    const issuer = errors.sure(loaded);
    const [commonName, path, pathLength] = [args.need("name"), args.need("out"), args.number("path-length")];
    const key = await plan.make();
    const made = await issueIntermediate({
      commonName,
      publicKey: key.publicKey,
      issuer: { certificate: issuer.certificate, signer: issuer.signer },
      ...(pathLength === undefined ? {} : { pathLength }),
      ...issueOptions(args, context),
    });
    const chain = presentedChain(made, [issuer.certificate, ...issuer.above]);
    await plan.write(key);
    await writeNew(path, chain, { force: args.has("force") });
    printIssued(context, made, path);
    return 0;
  },
};
