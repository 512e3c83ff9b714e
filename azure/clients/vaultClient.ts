/** A key vault, by ARM (Azure REST API "Vaults – Get", 2023-07-01). */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import { type ClientOptions, JsonClient } from "./jsonClient";

/** The part of a vault that the toolkit reads. */
export interface VaultBody {
  readonly name: string;
  readonly location: string;
  readonly properties: { readonly enablePurgeProtection?: boolean };
}

/** One vault. */
export class VaultClient {
  readonly #client: JsonClient;
  readonly #id: string;

  /** `id` is the ARM ID. */
  constructor(id: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, API_VERSIONS.vaults, options);
    this.#id = id;
  }

  /** The vault; undefined if there is none. */
  get(): Promise<VaultBody | undefined> {
    return this.#client.read(this.#id, `read the key vault "${this.#id.split("/").at(-1)}"`);
  }
}
