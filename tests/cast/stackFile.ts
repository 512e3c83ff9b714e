import { createDecipheriv } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A resource as `pulumi stack export` shows it. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Checkpoint {
  readonly version: number;
  readonly checkpoint: { readonly stack?: string; readonly latest?: object };
}

interface Encrypted {
  readonly ciphertext: string;
}

/** Opens what Pulumi's secrets providers encrypt: AES-256-GCM, `v1:NONCE:CIPHERTEXT` with the tag at its end. */
function opened(ciphertext: string, key: Buffer): string {
  const [, nonce = "", text = ""] = ciphertext.split(":");
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}

/** A stack's state in the file of a `file://` backend: read and replaced without a run of the CLI, which takes 1 s. */
export class StackFile {
  readonly #file: string;

  /** `backend` is the folder of the backend. */
  constructor(
    private readonly backend: string,
    private readonly project: string,
    private readonly stack: string,
  ) {
    this.#file = join(backend, ".pulumi", "stacks", project, `${stack}.json`);
  }

  /** Makes the empty stack, as `pulumi stack init` does. */
  create(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(join(this.backend, ".pulumi", "meta.yaml"), "version: 1\n");
    this.#write({ version: 3, checkpoint: { stack: `organization/${this.project}/${this.stack}` } });
  }

  /** The state as text, in the form of `pulumi stack export`. */
  exported(): string {
    const { version, checkpoint } = this.#read();
    return JSON.stringify({ version, deployment: checkpoint.latest ?? {} }, undefined, 4);
  }

  /** The same with its secrets in clear, as `--show-secrets` prints it. `key` is that of the stack's secrets provider. */
  exportedSecrets(key: Buffer): string {
    const { deployment } = JSON.parse(this.exported());
    return JSON.stringify({ deployment }, (_, value: Encrypted | undefined) => {
      if (typeof value?.ciphertext !== "string") return value;
      const { ciphertext, ...more } = value;
      return { ...more, plaintext: opened(ciphertext, key) };
    });
  }

  /** Puts another state in place of the stack's, as `pulumi stack import` does. */
  replace(state: string): void {
    const { version, checkpoint } = this.#read();
    const { deployment } = JSON.parse(state) as { deployment: object };
    this.#write({ version, checkpoint: { ...checkpoint, latest: deployment } });
  }

  /** The resources of the state. */
  resources(): readonly ExportedResource[] {
    const { latest = {} } = this.#read().checkpoint;
    return (latest as { resources?: ExportedResource[] }).resources ?? [];
  }

  /** The stack's outputs, secrets in their envelopes. */
  outputs(): Readonly<Record<string, unknown>> {
    return this.resources().find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  }

  #read(): Checkpoint {
    if (!existsSync(this.#file)) return { version: 3, checkpoint: {} };
    return JSON.parse(readFileSync(this.#file, "utf8"));
  }

  #write(checkpoint: Checkpoint): void {
    writeFileSync(this.#file, JSON.stringify(checkpoint));
  }
}
