import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes";
import { issueServerFiles } from "./serverFiles";

/** A bare TLS server of this folder as a process of its own, with a certificate for `localhost`. */
export class Rival {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** PEM that its clients trust. */
    readonly ca: string,
  ) {}

  /** Starts `bench/PROGRAM.ts KEY CERTIFICATE`, which prints its port; the two files are put into `folder`. */
  static async start(program: "bareServer" | "bareSigner", folder: string): Promise<Rival> {
    const { key, cert } = await issueServerFiles();
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certFile, cert);
    const args = ["-r", "ts-node/register", join(ROOT, "bench", `${program}.ts`), keyFile, certFile];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    const over = once(child, "exit").then(() => Promise.reject(new Error(`${program} ended before it was there`)));
    const [line] = (await Promise.race([once(child.stdout, "data"), over])) as [Buffer];
    over.catch(() => {});
    return new Rival(child, Number(line.toString()), cert);
  }

  stop(): void {
    this.child.kill();
  }
}
