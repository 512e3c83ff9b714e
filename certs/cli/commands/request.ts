import { issueDevice, issueIntermediate, issueVerification } from "../../issue";
import { createRequest } from "../../request";
import { KeySigner } from "../../signer";
import type { Command } from "../command";
import { Faults } from "../faults";
import { checkNew, writeNew } from "../files";
import { ISSUER_OPTIONS, loadIssuer, readRequestFile } from "../inputs";
import { DAYS, FORCE, KEY_OPTIONS, planKey, presentedChain, tellIssued } from "../output";
import { issueOptions, notePlan } from "../plan";

/** `zero-touch certs csr`. */
export const csr: Command = {
  about: "Writes a certificate request (PKCS#10) for a CA elsewhere to sign. The key stays here.",
  options: {
    name: { value: "CN", required: true, about: "Common name: the registration ID for a device" },
    out: { value: "FILE", required: true, about: "Write the request here, PEM" },
    ...KEY_OPTIONS,
    ...FORCE,
  },
  async run(args, context) {
    const faults = new Faults();
    const [commonName, path, force] = [args.need("name"), args.need("out"), args.has("force")];
    notePlan(faults, commonName, "verification", context);
    await faults.gather(() => checkNew(path, force));
    const plan = faults.sure(await planKey(args, context, faults, false));
    const key = await plan.make();
    const made = await createRequest({ commonName, signer: new KeySigner(key) });
    await plan.write(key);
    await writeNew(path, made, { force });
    context.out(`${path}: request of CN=${commonName}\n`);
    return 0;
  },
};

const PROFILES = ["device", "intermediate", "verification"] as const;

/** `zero-touch certs sign`. */
export const sign: Command = {
  about:
    "Signs a certificate request (PKCS#10) of a device or a CA.\n" +
    "Its sender must have the key. From the request come the key and, unless --name is given, the common name; uses,\n" +
    "purposes and constraints come from the profile, never from the request.",
  operands: "REQUEST",
  options: {
    profile: { value: "NAME", choices: PROFILES, about: "What the certificate is for (default device)" },
    name: { value: "CN", about: "Common name, whatever the request asks for" },
    out: { value: "FILE", required: true, about: "Write the certificate and its chain here, PEM" },
    ...ISSUER_OPTIONS,
    ...DAYS,
    ...FORCE,
  },
  async run(args, context) {
    const faults = new Faults();
    const [path, force, file = ""] = [args.need("out"), args.has("force"), args.operands[0]];
    if (args.operands.length > 1) faults.note("one request at a time");
    const loaded = await loadIssuer(args, context, faults);
    const asked = await faults.gather(() => readRequestFile(file));
    const profile = PROFILES.find((name) => name === args.text("profile")) ?? "device";
    const commonName = args.text("name") ?? asked?.commonName;
    if (commonName !== undefined) notePlan(faults, commonName, profile, context, loaded?.certificate);
    else if (asked !== undefined) faults.note(`${file}: the request has no common name, or several: give --name`);
    await faults.gather(() => checkNew(path, force));
    const [issuer, { publicKey }, name] = [faults.sure(loaded), faults.sure(asked), faults.sure(commonName)];
    const order = {
      publicKey,
      issuer: { certificate: issuer.certificate, signer: issuer.signer },
      ...issueOptions(args, context),
    };
    const made = await {
      device: () => issueDevice({ ...order, registrationId: name }),
      intermediate: () => issueIntermediate({ ...order, commonName: name }),
      verification: () => issueVerification({ ...order, verificationCode: name }),
    }[profile]();
    await writeNew(path, presentedChain(made, [issuer.certificate, ...issuer.above]), { force });
    tellIssued(context, made, path);
    return 0;
  },
};
