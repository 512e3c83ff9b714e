import { issueIntermediate, issueRoot } from "../../../certs/issue";
import { KeySigner } from "../../../certs/signer";
import type { OptionRule } from "../../commandUsage";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { checkTarget, DAYS, FORCE, KEY_OPTIONS, takeKey, writeIssued } from "../outputFiles";

const NAME_AND_OUT: Readonly<Record<string, OptionRule>> = {
  name: { value: "CN", required: true, about: "Common name, 1 to 64 characters" },
  out: { value: "FILE", required: true, about: "Write the certificate here, PEM" },
};

/** `zero-touch certs root`. */
export const root: CertsCommand = {
  about: "Creates a self-signed root CA: the trust anchor that is uploaded to the provisioning service.",
  options: { ...NAME_AND_OUT, ...KEY_OPTIONS, ...DAYS, ...FORCE },
  async run(run) {
    const { args } = run;
    notePlan(run, "--name", args.text("name"), "root");
    await checkTarget(run, "out");
    const { key, write } = await takeKey(run, true);
    const signer = new KeySigner(key);
    const made = await issueRoot({ commonName: args.need("name"), signer, ...issueOptions(run) });
    return writeIssued(run, made, [], write);
  },
};

/** `zero-touch certs intermediate`. */
export const intermediate: CertsCommand = {
  about: "Creates an intermediate CA that signs devices' certificates. Its file has the chain above it, but no root.",
  options: {
    ...NAME_AND_OUT,
    ...KEY_OPTIONS,
    ...ISSUER_OPTIONS,
    "path-length": { value: "N", from: 0, about: "How many CAs may be below it (default 0: devices only)" },
    ...DAYS,
    ...FORCE,
  },
  async run(run) {
    const { args, errors } = run;
    const loaded = await loadIssuer(run);
    notePlan(run, "--name", args.text("name"), "intermediate", loaded);
    await checkTarget(run, "out");
    const { key, write } = await takeKey(run, true);
    const issuer = errors.sure(loaded);
    const made = await issueIntermediate({
      commonName: args.need("name"),
      publicKey: key.publicKey,
      issuer,
      pathLength: args.number("path-length"),
      ...issueOptions(run),
    });
    return writeIssued(run, made, issuer.chain, write);
  },
};
