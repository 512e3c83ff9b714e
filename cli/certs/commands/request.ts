import { issueDevice, issueIntermediate, issueVerification } from "../../../certs/issue";
import { createRequest } from "../../../certs/request";
import { KeySigner } from "../../../certs/signer";
import { shown } from "../../commandLine";
import type { CertsCommand } from "../certsCommand";
import { ISSUER_OPTIONS, loadIssuer, readRequestFile } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { writeNew } from "../newFiles";
import { checkTarget, DAYS, FORCE, KEY_OPTIONS, takeKey, writeIssued } from "../outputFiles";
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
  async run(run) {
    const { args, context } = run;
    notePlan(run, "--name", args.text("name"), "verification");
    await checkTarget(run, "out");
    const { key, write } = await takeKey(run, false);
    const [commonName, path] = [args.need("name"), args.need("out")];
    const made = await createRequest({ commonName, signer: new KeySigner(key) });
    await write();
    await writeNew(path, made, { force: args.has("force") });
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
  async run(run) {
    const { args, errors } = run;
    const [file, second] = args.operands;
    if (second !== undefined)
      errors.add(`REQUEST is ${shown(second)}: only one request at a time; sign each in a separate run`);
    const loaded = await loadIssuer(run);
    const remedy = "name the file of a request (PKCS#10): PEM, base64 or DER";
    const request = await errors.gatherFile({ field: "REQUEST", remedy }, file, readRequestFile);
    const known = !args.has("profile") || args.text("profile") !== undefined;
    const profile = PROFILES.find((name) => name === args.text("profile")) ?? "device";
    const commonName = args.text("name") ?? (args.has("name") ? undefined : request?.commonName);
    const field = args.has("name") ? "--name" : `${file}: subject.commonName`;
    if (profile === "verification") noteCode(errors, field, commonName);
    // An invalid profile may have meant any, and a code's rule is narrower than a common name's.
    const checkedName = known && profile !== "verification" ? commonName : undefined;
    notePlan(run, field, checkedName, profile, loaded);
    if (commonName === undefined && request !== undefined && !args.has("name")) {
      errors.add(`${field}: the request has none, or several; give --name`);
    }
    await checkTarget(run, "out");
    const [issuer, { publicKey }, name] = [errors.sure(loaded), errors.sure(request), errors.sure(commonName)];
    const order = { publicKey, issuer, ...issueOptions(run) };
    const made = await {
      device: () => issueDevice({ ...order, registrationId: name }),
      intermediate: () => issueIntermediate({ ...order, commonName: name }),
      verification: () => issueVerification({ ...order, verificationCode: name }),
    }[profile]();
    return writeIssued(run, made, issuer.chain);
  },
};
