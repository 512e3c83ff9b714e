/**
 * Operations that a vault's keys, secrets and certificates share: read, delete, recover, purge.
 * Source: Azure REST API "Key Vault", and "Azure Key Vault soft-delete overview".
 */
import { API_VERSIONS } from "../apiVersions";
import type { VaultObjectKind } from "../vaultIds";
import type { Deleted } from "../wire/vaultBundle";
import { AzureError } from "./azureError";
import { type ClientOptions, JsonClient, type JsonRequest } from "./jsonClient";

const SINGULAR: Readonly<Record<VaultObjectKind, string>> = {
  keys: "key",
  secrets: "secret",
  certificates: "certificate",
};

/** The objects of one kind in one vault; `Bundle` is the response for one version. */
export class VaultObjectsClient<Bundle> {
  readonly #client: JsonClient;
  readonly #kind: VaultObjectKind;
  readonly #host: string;

  /** `vaultUri` is `https://NAME.vault.azure.net`, also with a slash at the end, as ARM gives it. */
  constructor(kind: VaultObjectKind, vaultUri: string, options: ClientOptions) {
    this.#client = new JsonClient("vault", vaultUri.replace(/(?<!\/)\/+$/, ""), API_VERSIONS.vaultObjects, options);
    this.#kind = kind;
    this.#host = new URL(vaultUri).host;
  }

  /** A version, or the latest; undefined when there is none (a deleted object counts as none). */
  get(name: string, version = ""): Promise<Bundle | undefined> {
    return this.#optional("GET", `/${this.#kind}/${name}/${version}`, `read ${this.label(name)}`);
  }

  /** The soft-deleted object; undefined if there is none. */
  getDeleted(name: string): Promise<(Bundle & Deleted) | undefined> {
    return this.#optional("GET", `/deleted${this.#kind}/${name}`, `read the deleted ${this.label(name)}`);
  }

  /**
   * Starts to delete every version, and returns whether soft delete will keep them: false if the object is already gone or
   * deleted, as after a lost response. The vault finishes a little later; until then the object is neither present nor
   * soft-deleted.
   */
  async delete(name: string): Promise<boolean> {
    try {
      const response = await this.#optional<{ recoveryId?: string }>(
        "DELETE",
        `/${this.#kind}/${name}`,
        `delete ${this.label(name)}`,
      );
      return response?.recoveryId !== undefined;
    } catch (error) {
      if (error instanceof AzureError && error.innerCode === "ObjectIsDeletedButRecoverable") return false;
      throw error;
    }
  }

  /** Starts to recover a deleted object; success if there is none. */
  async recover(name: string): Promise<void> {
    await this.#optional("POST", `/deleted${this.#kind}/${name}/recover`, `recover ${this.label(name)}`);
  }

  /** Starts to purge a deleted object; success if there is none. */
  async purge(name: string): Promise<void> {
    await this.#optional("DELETE", `/deleted${this.#kind}/${name}`, `purge ${this.label(name)}`);
  }

  /** Name of an object in messages. */
  protected label(name: string): string {
    return `${SINGULAR[this.#kind]} "${name}" of ${this.#host}`;
  }

  /** One request below the kind's path; throws AzureError for any status but 2xx. */
  protected async call<R>(method: JsonRequest["method"], rest: string, operation: string, body?: unknown): Promise<R> {
    const path = `/${this.#kind}/${rest}`;
    const response = await this.#client.send({ method, path, operation, body });
    return response.body as R;
  }

  async #optional<R>(method: JsonRequest["method"], path: string, operation: string): Promise<R | undefined> {
    const call = { method, path, operation, alsoAccepted: [404] };
    // A POST without a body must have an empty JSON object: the service asks for a length.
    const response = await this.#client.send(method === "POST" ? { ...call, body: {} } : call);
    return response.status === 404 ? undefined : (response.body as R);
  }
}
