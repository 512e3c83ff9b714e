import { authorizeRequest } from "../../operator/support/authorizeRequest";
import { readCertificateFile } from "../certs/inputFiles";
import { MAX_HOURS } from "./authorityOptions";
import { type AuthorityRun, readAuthorityKey } from "./authorityRun";

/** Authorizes a request token, which is an operand or standard input; prints the response token. Returns the exit code. */
export async function authorize(run: AuthorityRun): Promise<number> {
  const { args, context, errors } = run;
  const certificates = await errors.gatherFile({ field: "--authority" }, args.text("authority"), readCertificateFile);
  const key = await errors.gatherFile({ field: "--key" }, args.text("key"), (place) => readAuthorityKey(place, run));
  const [certificate] = certificates ?? [];
  if (certificate !== undefined && key !== undefined && !certificate.spki.equals(key.signer.publicKey)) {
    errors.add("--key: it is not the key of --authority; name the key that belongs to the certificate");
  }
  const { signer, decrypt } = errors.sure(key);
  const authority = { certificate: errors.sure(certificate), signer, decrypt };
  const token = args.operands.length === 0 ? await context.readInput() : args.operands.join("");
  const options = { clock: context.clock, hours: Number(args.text("hours") ?? MAX_HOURS) };
  const response = await authorizeRequest(token, authority, options);
  context.log(
    `The request is valid until ${response.requestExpires.toISOString()}. The response unlocks its session until ${response.expires.toISOString()} at most:\n`,
  );
  context.print(`${response.token}\n`);
  return 0;
}
