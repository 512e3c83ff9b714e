import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PURPOSE_OIDS } from "../../certs/extensions";
import { issueRoot } from "../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { nameOf } from "../../certs/names";
import { toPem } from "../../certs/pem";
import { KeySigner } from "../../certs/signer";
import { createCertificate } from "../../certs/x509";
import { HOOK, ROOT } from "../environment/processes";

/** A bare TLS server of this folder as a process of its own, with a certificate for `localhost`. */
export class BareProgram {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** PEM that its clients trust. */
    readonly ca: string,
  ) {}

  /** Starts `bench/rivals/PROGRAM.ts KEY CERTIFICATE`, which prints its port; the two files are put into `folder`. */
  static async start(
    program: "bareServer" | "bareSigner" | "bareAmqp" | "bareBroker",
    folder: string,
  ): Promise<BareProgram> {
    const { key, cert } = await issueServerFiles();
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certFile, cert);
    const args = ["-r", HOOK, join(__dirname, `${program}.ts`), keyFile, certFile];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    const over = once(child, "exit").then(() => Promise.reject(new Error(`${program} ended before it was there`)));
    const [line] = (await Promise.race([once(child.stdout, "data"), over])) as [Buffer];
    over.catch(() => {});
    return new BareProgram(child, Number(line.toString()), cert);
  }

  stop(): void {
    this.child.kill();
  }
}

/** A throw-away server identity for `localhost`, PEM; `cert` is leaf and CA, so it serves as the trust anchor too. */
async function issueServerFiles(): Promise<{ key: string; cert: string }> {
  const ca = new KeySigner(await generateKeyPair("EC-P256"));
  const root = await issueRoot({ commonName: "bench server root", signer: ca });
  const keys = await generateKeyPair("EC-P256");
  const leaf = await createCertificate(
    {
      subject: nameOf("localhost"),
      issuer: root.subjectDer,
      serialNumber: `01${randomBytes(15).toString("hex")}`,
      notBefore: root.notBefore,
      notAfter: root.notAfter,
      publicKey: keys.publicKey,
      authorityKeyIdentifier: root.extensions.subjectKeyIdentifier,
      basicConstraints: { ca: false, critical: true },
      keyUsage: ["digitalSignature"],
      purposes: [PURPOSE_OIDS.serverAuth],
      alternativeNames: [{ type: "dns", value: "localhost" }],
    },
    ca,
  );
  return { key: exportPrivateKey(keys), cert: `${toPem("CERTIFICATE", leaf)}${root.toPem()}` };
}
