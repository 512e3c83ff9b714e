import { DAY_MS } from "../../certs/clock";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { createSupportCertificate } from "../../operator/support/supportCertificate";
import { type TokenPrivateKey, tokenPrivateKey } from "../../operator/support/tokenKey";
import { writeNew } from "../certs/newFiles";
import { checkTarget } from "../certs/outputFiles";
import { newPassphrase, passphraseField } from "../certs/passphrase";
import { type AuthorityRun, readAuthorityKey } from "./authorityRun";

interface PlannedKey {
  make(): Promise<TokenPrivateKey>;
}

async function planKey(run: AuthorityRun): Promise<PlannedKey | undefined> {
  const { args, errors } = run;
  const [place, path] = [args.text("key"), args.text("key-out")];
  if (args.has("key") === args.has("key-out")) {
    errors.add("--key, --key-out: give --key FILE for an existing key, or --key-out FILE for a new one");
    return undefined;
  }
  if (place !== undefined) {
    const key = await errors.gather({ field: "--key" }, () => readAuthorityKey(place, run));
    return key && { make: async () => key };
  }
  await checkTarget(run, "key-out");
  const passphrase = await errors.gather({ field: passphraseField(args) }, () => newPassphrase(run, true));
  return {
    async make() {
      const key = await generateKeyPair("RSA-3072");
      await writeNew(`${path}`, exportPrivateKey(key, passphrase), { force: args.has("force"), secret: true });
      return tokenPrivateKey(key);
    },
  };
}

/** Makes the key and the certificate of a support authority; returns the exit code. */
export async function createAuthority(run: AuthorityRun): Promise<number> {
  const { args, context, errors } = run;
  await checkTarget(run, "out");
  const { make } = errors.sure(await planKey(run));
  const { signer } = await make();
  const notBefore = context.clock.now();
  const notAfter = new Date(notBefore.getTime() + (args.number("days") ?? 365) * DAY_MS);
  const fields = { commonName: args.need("name"), notBefore, notAfter };
  const certificate = await createSupportCertificate(fields, signer);
  await writeNew(args.need("out"), certificate.toPem(), { force: args.has("force") });
  context.print(
    `${args.need("out")}: ${certificate.subject}, SHA-256 ${certificate.sha256Thumbprint}, valid until ${certificate.notAfter.toISOString()}\n`,
  );
  return 0;
}
