import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azuriteProgram } from "./clientKit";

/** Azurite's Blob service as a process of its own, on a free port and in a temporary folder. */
export interface Azurite {
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  readonly account: string;
  /** The account's key, base64. */
  readonly key: string;
  close(): Promise<void>;
}

/** Milliseconds until a start counts as failed. */
const TIMEOUT_MS = 60_000;

/**
 * Starts Azurite with one account. `tokens`: over TLS, with a certificate of our own making, and open to tokens of Entra
 * ID (`--oauth basic` looks at audience and expiry of a token, and at no signature). `loose`: ignores headers that it does
 * not know, which clients of earlier years send.
 */
export async function startAzurite({
  tokens,
  loose,
}: {
  readonly tokens: boolean;
  readonly loose?: boolean;
}): Promise<Azurite> {
  const folder = mkdtempSync(join(tmpdir(), "azurite-"));
  const account = "teamstate";
  const key = randomBytes(64).toString("base64");
  const options = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", folder, "--disableTelemetry"];
  if (loose) options.push("--loose");
  if (tokens) {
    const [cert, own] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    execFileSync("openssl", [...make, ...subject, "-keyout", own, "-out", cert], { stdio: "pipe" });
    options.push("--oauth", "basic", "--cert", cert, "--key", own);
  }
  const child = spawn(process.execPath, [await azuriteProgram(), ...options], {
    // The working directory too: Azurite leaves a debug file where it runs.
    cwd: folder,
    env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${key}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  const close = async (): Promise<void> => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let printed = "";
      const timer = setTimeout(() => reject(new Error(`Azurite did not start: ${printed}`)), TIMEOUT_MS);
      const collect = (chunk: Buffer): void => {
        printed += chunk.toString("utf8");
        const at = /successfully listens on (https?:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
        if (at === undefined) return;
        clearTimeout(timer);
        resolve(at);
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      void exited.then(() => reject(new Error(`Azurite ended: ${printed}`)));
    });
    return { url, account, key, close };
  } catch (error) {
    await close();
    throw error;
  }
}
