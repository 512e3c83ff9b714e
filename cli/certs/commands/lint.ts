import { type LintFinding, lintCertificate, lintPath } from "../../../certs/lint";
import { PROFILES, type ProfileName } from "../../../certs/profiles";
import type { CertsCommand } from "../certsCommand";
import { CERTIFICATE_REMEDY, readCertificateFile } from "../inputFiles";

function sentence({ severity, code, field, value, rule, remedy }: LintFinding): string {
  return `${severity} ${code}: ${field} is '${value}'; rule: ${rule}; remedy: ${remedy}`;
}

const at = (field: string) => ({ field, remedy: CERTIFICATE_REMEDY });

/** `zero-touch certs lint`. */
export const lint: CertsCommand = {
  about:
    "Checks certificates against their profile, and prints value, rule and remedy of each finding.\n" +
    "In a file with a chain, each certificate has the next as its issuer. Exit code 1: there is an error.",
  operands: "FILE...",
  options: {
    profile: {
      value: "NAME",
      choices: Object.keys(PROFILES),
      about: "Profile of each file's first certificate (default: root, intermediate or device, by its content)",
    },
    issuer: { value: "FILE", about: "The issuer of each file's last certificate" },
    trust: {
      value: "FILE",
      about: "Each file's chain must lead to a CA in this file, such as the roots verified in Azure",
    },
    days: { value: "N", from: 0, about: "Warn this many days before the end (default 30)" },
    json: { about: "A line of JSON for each finding" },
  },
  async run({ args, context, errors }) {
    const isLineWrong = errors.any;
    const now = context.clock.now();
    const expiryWarningDays = args.number("days") ?? 30;
    const top = await errors.gatherFile(at("--issuer"), args.text("issuer"), readCertificateFile);
    const trusted = await errors.gatherFile(at("--trust"), args.text("trust"), readCertificateFile);
    const found: { readonly file: string; readonly subject: string; readonly finding: LintFinding }[] = [];
    for (const file of args.operands) {
      const chain = (await errors.gather(at("FILE"), () => readCertificateFile(file))) ?? [];
      for (const [index, certificate] of chain.entries()) {
        const { isCa } = certificate.extensions;
        const own = isCa ? (certificate.isSelfIssued ? "root" : "intermediate") : "device";
        const profile = (index === 0 ? (args.text("profile") as ProfileName | undefined) : undefined) ?? own;
        const issuer = chain[index + 1] ?? (certificate.isSelfIssued ? certificate : top?.[0]);
        for (const finding of lintCertificate(certificate, profile, { at: now, expiryWarningDays, issuer })) {
          found.push({ file, subject: certificate.subject, finding });
        }
      }
      const [leaf, ...presented] = chain;
      if (leaf === undefined || trusted === undefined) continue;
      for (const finding of lintPath(leaf, presented, trusted, now)) {
        found.push({ file, subject: leaf.subject, finding });
      }
    }
    // An unreadable file does not hide the others; an invalid command line may have meant another check.
    if (isLineWrong) errors.check();
    for (const { file, subject, finding } of found) {
      context.print(
        args.has("json")
          ? `${JSON.stringify({ file, subject, ...finding })}\n`
          : `${file}: ${subject}: ${sentence(finding)}\n`,
      );
    }
    errors.check();
    const errorCount = found.filter(({ finding }) => finding.severity === "error").length;
    if (!args.has("json")) context.log(`${errorCount} errors, ${found.length - errorCount} warnings\n`);
    return errorCount > 0 ? 1 : 0;
  },
};
