import { issueDevice, issueIntermediate, issueVerification } from "../../../certs/issue";
import { createRequest } from "../../../certs/request";
import { KeySigner } from "../../../certs/signer";
import { shown } from "../../commandLine";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer, readRequestFile } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { writeNew } from "../newFiles";
import { checkTarget, DAYS, FORCE, KEY_OPTIONS, planKey, presentedChain, printIssued } from "../outputFiles";
import { noteCode } from "../verificationCode";

/** `zero-touch certs csr`. */
export const csr: CertsCommand = {
  about: "Writes a certificate request (PKCS#10) for another CA to sign. The key stays here.",
  options: {
    name: { value: "CN", required: true, about: "Common name: the registration ID for a device" },
    out: { value: "FILE", required: true, about: "Write the request here, PEM" },
    ...KEY_OPTIONS,
    ...FORCE,
  },
  async run(args, context, errors) {
    notePlan(errors, "--name", args.text("name"), "verification", context);
    await checkTarget(args, "out", errors);
    const plan = errors.sure(await planKey(args, context, errors, false));
    const [commonName, path, force] = [args.need("name"), args.need("out"), args.has("force")];
    const key = await plan.make();
    const made = await createRequest({ commonName, signer: new KeySigner(key) });
    await plan.write(key);
    await writeNew(path, made, { force });
    context.print(`${path}: request of CN=${commonName}\n`);
    return 0;
  },
};

const PROFILES = ["device", "intermediate", "verification"] as const;

/** `zero-touch certs sign`. */
export const sign: CertsCommand = {
  about:
    "Signs a certificate request (PKCS#10) of a device or a CA.\n" +
    "Its sender must have the key. From the request come the key and, unless --name is given, the common name; uses,\n" +
    "purposes and constraints come from the profile, never from the request.",
  operands: "REQUEST",
  options: {
    profile: { value: "NAME", choices: PROFILES, about: "What the certificate is for (default device)" },
    name: { value: "CN", about: "Common name, in place of the request's" },
    out: { value: "FILE", required: true, about: "Write the certificate and its chain here, PEM" },
    ...ISSUER_OPTIONS,
    ...DAYS,
    ...FORCE,
  },
  async run(args, context, errors) {
    const [file, second] = args.operands;
    if (second !== undefined)
      errors.add(`REQUEST is ${shown(second)}: only one request at a time; sign each in a separate run`);
    const loaded = await loadIssuer(args, context, errors);
    const remedy = "name the file of a request (PKCS#10): PEM, base64 or DER";
    const request =
      file === undefined ? undefined : await errors.gather({ field: "REQUEST", remedy }, () => readRequestFile(file));
    const known = !args.has("profile") || args.text("profile") !== undefined;
    const profile = PROFILES.find((name) => name === args.text("profile")) ?? "device";
    const commonName = args.text("name") ?? (args.has("name") ? undefined : request?.commonName);
    const field = args.has("name") ? "--name" : `${file}: subject.commonName`;
    if (profile === "verification") noteCode(errors, field, commonName);
    // An invalid profile may have meant any, and a code's rule is narrower than a common name's.
    const checkedName = known && profile !== "verification" ? commonName : undefined;
    notePlan(errors, field, checkedName, profile, context, loaded?.certificate);
    if (commonName === undefined && request !== undefined && !args.has("name")) {
      errors.add(`${field}: the request has none, or several; give --name`);
    }
    await checkTarget(args, "out", errors);
    const [issuer, { publicKey }, name] = [errors.sure(loaded), errors.sure(request), errors.sure(commonName)];
    const [path, force] = [args.need("out"), args.has("force")];
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
    printIssued(context, made, path);
    return 0;
  },
};
