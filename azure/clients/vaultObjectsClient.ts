/**
 * What a vault does alike with keys, secrets and certificates: give, delete, and the way back from deletion.
 * Source: Azure REST API "Key Vault", and "Azure Key Vault soft-delete overview".
 */
import { API_VERSIONS, SCOPES } from "../apiVersions";
import type { VaultObjectKind } from "../vaultIds";
import type { Deleted } from "../wire/vaultBundle";
import { AzureError } from "./azureError";
import { type ClientOptions, type JsonCall, JsonClient } from "./jsonClient";

const SINGULAR: Readonly<Record<VaultObjectKind, string>> = {
  keys: "key",
  secrets: "secret",
  certificates: "certificate",
};

/** The objects of one kind in one vault; `Bundle` is what the vault gives for one version. */
export class VaultObjectsClient<Bundle> {
  readonly #client: JsonClient;
  readonly #kind: VaultObjectKind;
  readonly #host: string;

  /** `vaultUri` is `https://NAME.vault.azure.net`, also with a slash at the end, as ARM gives it. */
  constructor(kind: VaultObjectKind, vaultUri: string, options: ClientOptions) {
    this.#client = new JsonClient("vault", vaultUri.replace(/\/+$/, ""), SCOPES.vault, options);
    this.#kind = kind;
    this.#host = new URL(vaultUri).host;
  }

  /** A version, or the latest; undefined when there is none (a deleted object counts as none). */
  get(name: string, version = ""): Promise<Bundle | undefined> {
    return this.#optional("GET", `/${this.#kind}/${name}/${version}`, `read ${this.label(name)}`);
  }

  /** The object as soft delete keeps it; undefined when it does not. */
  getDeleted(name: string): Promise<(Bundle & Deleted) | undefined> {
    return this.#optional("GET", `/deleted${this.#kind}/${name}`, `read the deleted ${this.label(name)}`);
  }

  /**
   * Begins to delete every version, and tells whether soft delete will keep them; already gone is not kept, nor is what is
   * deleted already: an answer was lost, or a run that was killed deletes once more. The vault finishes a little later:
   * until then the object is neither there nor among the deleted ones.
   */
  async delete(name: string): Promise<boolean> {
    try {
      const answer = await this.#optional<{ recoveryId?: string }>(
        "DELETE",
        `/${this.#kind}/${name}`,
        `delete ${this.label(name)}`,
      );
      return answer?.recoveryId !== undefined;
    } catch (error) {
      if (error instanceof AzureError && error.innerCode === "ObjectIsDeletedButRecoverable") return false;
      throw error;
    }
  }

  /** Begins to take a deleted object back; one that is not there is success. */
  async recover(name: string): Promise<void> {
    await this.#optional("POST", `/deleted${this.#kind}/${name}/recover`, `recover ${this.label(name)}`);
  }

  /** Begins to remove a deleted object for good; one that is not there is success. */
  async purge(name: string): Promise<void> {
    await this.#optional("DELETE", `/deleted${this.#kind}/${name}`, `purge ${this.label(name)}`);
  }

  /** What an object is called in messages. */
  protected label(name: string): string {
    return `${SINGULAR[this.#kind]} "${name}" of ${this.#host}`;
  }

  /** One call below the kind's path; throws AzureError for any status but 2xx. */
  protected async call<R>(method: JsonCall["method"], rest: string, operation: string, body?: unknown): Promise<R> {
    const path = `/${this.#kind}/${rest}`;
    const answer = await this.#client.send({ method, path, apiVersion: API_VERSIONS.vaultObjects, operation, body });
    return answer.body as R;
  }

  async #optional<R>(method: JsonCall["method"], path: string, operation: string): Promise<R | undefined> {
    const call = { method, path, apiVersion: API_VERSIONS.vaultObjects, operation, alsoAccepted: [404] };
    // A POST without a body must have an empty JSON object: the service asks for a length.
    const answer = await this.#client.send(method === "POST" ? { ...call, body: {} } : call);
    return answer.status === 404 ? undefined : (answer.body as R);
  }
}
