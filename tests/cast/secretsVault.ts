import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

const PREFIX = "vault:v1:";
/** A key of the transit engine. */
const SECRETS_PROVIDER = "hashivault://stack";

/** A request of the transit engine, all texts in base64: "encrypts" by a prefix. */
function transit(url: string | undefined, { plaintext = "", ciphertext = "" }: Readonly<Record<string, string>>) {
  if (url === "/v1/transit/encrypt/stack") return { ciphertext: PREFIX + plaintext };
  if (url === "/v1/transit/decrypt/stack") return { plaintext: ciphertext.slice(PREFIX.length) };
  return undefined;
}

/**
 * The secrets provider of a stack: HashiCorp Vault's transit engine with one key. Pulumi derives the key of a passphrase in a
 * million rounds, which takes each run of the CLI 0.3 s of the processor; Vault opens one in a request.
 */
export class SecretsVault {
  /** Encrypts the stack's secrets. */
  readonly key = randomBytes(32);
  /** For the stack's file, in place of the salt of a passphrase. */
  readonly settings = {
    secretsprovider: SECRETS_PROVIDER,
    encryptedkey: Buffer.from(PREFIX + this.key.toString("base64")).toString("base64"),
  } as const;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const data = transit(request.url, (await json(request)) as Record<string, string>);
      response.writeHead(data === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(data === undefined ? { errors: [request.url] } : { data }));
    });
  }

  static async start(): Promise<SecretsVault> {
    const vault = new SecretsVault();
    vault.#server.listen(0, "127.0.0.1");
    await once(vault.#server, "listening");
    return vault;
  }

  /** Leads Pulumi to it. */
  get variables(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    return { VAULT_SERVER_URL: `http://127.0.0.1:${port}`, VAULT_SERVER_TOKEN: "test" };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
