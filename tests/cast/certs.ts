import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyAlgorithmName } from "../../certs/algorithms";
import { Certificate } from "../../certs/certificate";
import { type Clock, DAY_MS } from "../../certs/clock";
import { fieldsOf, type Issuer, issueDevice, issueIntermediate, issueRoot } from "../../certs/issue";
import { generateKeyPair, type PrivateKey, privateKeyOf } from "../../certs/keys";
import { PROFILES, type Profile } from "../../certs/profiles";
import type { SerialSource } from "../../certs/serial";
import { KeySigner } from "../../certs/signer";
import { createCertificate } from "../../certs/x509";
import { rsaKey } from "./rsaKeys";

/** The moment that these tests take place at. */
export const NOW = new Date("2026-03-01T12:00:00.000Z");

/** A moment `days` after {@link NOW}. */
export function daysFromNow(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

/** A stopped clock. */
export function stoppedClock(at: Date = NOW): Clock {
  return { now: () => new Date(at) };
}

/** Serial numbers 1, 2, 3 … as four bytes. */
export function countingSerials(): SerialSource {
  let last = 0;
  return {
    next() {
      last += 1;
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(last);
      return bytes;
    },
  };
}

/** A new key; of RSA-2048, one of {@link rsaKey}. */
export const newPrivateKey = async (algorithm: KeyAlgorithmName): Promise<PrivateKey> =>
  algorithm === "RSA-2048" ? privateKeyOf(rsaKey()) : generateKeyPair(algorithm);

/** A signer over a {@link newPrivateKey}. */
export async function newSigner(algorithm: KeyAlgorithmName = "EC-P256"): Promise<KeySigner> {
  return new KeySigner(await newPrivateKey(algorithm));
}

/** Root, intermediate and device as the product issues them at {@link NOW}. */
export interface Hierarchy {
  readonly root: Issuer;
  readonly intermediate: Issuer;
  readonly device: Issuer;
}

/** A new hierarchy; the device's registration ID is `device-01`. */
export async function newHierarchy(algorithm: KeyAlgorithmName = "EC-P256"): Promise<Hierarchy> {
  const [rootSigner, intermediateSigner, deviceSigner] = [
    await newSigner(algorithm),
    await newSigner(algorithm),
    await newSigner(algorithm),
  ];
  const clock = stoppedClock();
  const root = {
    certificate: await issueRoot({ commonName: "Test Root", signer: rootSigner, clock }),
    signer: rootSigner,
  };
  const intermediate = {
    certificate: await issueIntermediate({
      commonName: "Test Intermediate",
      publicKey: intermediateSigner.publicKey,
      issuer: root,
      clock,
    }),
    signer: intermediateSigner,
  };
  const device = {
    certificate: await issueDevice({
      registrationId: "device-01",
      publicKey: deviceSigner.publicKey,
      issuer: intermediate,
      clock,
    }),
    signer: deviceSigner,
  };
  return { root, intermediate, device };
}

/** A certificate that the product would refuse to issue: any profile under any issuer, whatever the issuer may do. */
export async function forge(request: {
  readonly issuer: Issuer;
  readonly publicKey: Uint8Array;
  readonly commonName?: string;
  readonly profile?: Partial<Profile>;
  readonly from?: Date;
  readonly to?: Date;
  /** Hexadecimal. */
  readonly serialNumber?: string;
}): Promise<Certificate> {
  const profile: Profile = { ...PROFILES.device, ...request.profile };
  const { certificate, signer } = request.issuer;
  const fields = fieldsOf(
    profile,
    {
      commonName: request.commonName ?? "device-01",
      issuer: certificate,
      serialNumber: request.serialNumber ?? "2a".repeat(16),
      validity: { notBefore: request.from ?? daysFromNow(-1), notAfter: request.to ?? daysFromNow(30) },
      publicKey: request.publicKey,
    },
    signer.publicKey,
  );
  return new Certificate(await createCertificate(fields, signer));
}

/** The openssl program, in a folder of its own that `dispose` removes. */
export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), "certs-openssl-"));

  /** Writes a file into the folder and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /**
   * Writes a private key of RSA-2048, one of {@link rsaKey}, and returns the arguments of `openssl req` for it: openssl takes
   * 0.2 s to make one.
   */
  rsaKey(name = "k.pem"): readonly string[] {
    this.write(name, String(rsaKey().export({ type: "pkcs8", format: "pem" })));
    return ["-key", name];
  }

  /** Runs openssl in the folder and gives what it printed; throws with its messages when it fails. */
  run(...args: string[]): string {
    return execFileSync("openssl", args, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
