import { describeCertificate } from "../../../certs/describe";
import { looksLikePem, parsePem } from "../../../certs/pem";
import type { CertsCommand } from "../certsCommand";
import { readCertificateFile, readRequestFile, within } from "../inputFiles";
import { readBytes } from "../newFiles";

/** The public facts of a file's certificates or request. Throws a CertsError. */
async function factsOf(file: string): Promise<object[]> {
  const text = (await readBytes(file)).toString("latin1");
  const labels = looksLikePem(text) ? within(file, () => parsePem(text)).map(({ label }) => label) : [];
  if (!labels.some((label) => label === "CERTIFICATE") && labels.some((label) => label.endsWith("REQUEST"))) {
    const { subject, commonName } = await readRequestFile(file);
    return [{ file, kind: "request", subject, commonName }];
  }
  const certificates = await readCertificateFile(file);
  return certificates.map((certificate) => ({ file, kind: "certificate", ...describeCertificate(certificate) }));
}

const REMEDY = "name a file of certificates or of a request: PEM, base64 or DER";

/** `zero-touch certs show`. */
export const show: CertsCommand = {
  about: "Shows the public facts of certificates and requests. Private keys in the files are ignored.",
  operands: "FILE...",
  options: { json: { about: "A line of JSON for each" } },
  async run({ args, context, errors }) {
    const found: object[] = [];
    const isLineWrong = errors.any;
    for (const file of args.operands) {
      found.push(...((await errors.gather({ field: "FILE", remedy: REMEDY }, () => factsOf(file))) ?? []));
    }
    // An unreadable file does not hide the others; an invalid command line may have meant something else.
    if (isLineWrong) errors.check();
    for (const facts of found) {
      if (args.has("json")) context.print(`${JSON.stringify(facts)}\n`);
      else {
        const lines = Object.entries(facts).map(([name, value]) => `${`${name}:`.padEnd(18)}${String(value)}`);
        context.print(`${lines.join("\n")}\n\n`);
      }
    }
    errors.check();
    return 0;
  },
};
