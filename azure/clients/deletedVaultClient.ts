/** Vaults that are deleted and not yet purged, by ARM (Azure REST API "Vaults – Get Deleted, Purge Deleted", 2023-07-01). */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import { regionKey } from "../names";
import { type ClientOptions, JsonClient } from "./jsonClient";

/** A deleted vault as ARM shows it. */
export interface DeletedVault {
  readonly name: string;
  readonly properties: {
    /** ARM id that the vault had, and will have again when it is recovered. */
    readonly vaultId: string;
    readonly location: string;
    /** ISO 8601. */
    readonly scheduledPurgeDate?: string;
    readonly purgeProtectionEnabled?: boolean;
  };
}

/** One vault's name among the deleted ones of a subscription and region. */
export class DeletedVaultClient {
  readonly #client: JsonClient;
  readonly #path: string;
  readonly #label: string;

  /** `location` is an Azure region, in any spelling. */
  constructor(subscriptionId: string, location: string, name: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, API_VERSIONS.vaults, options);
    const region = regionKey(location);
    this.#path = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/${region}/deletedVaults/${name}`;
    this.#label = `deleted key vault "${name}"`;
  }

  /** The deleted vault; undefined when there is none of that name. */
  get(): Promise<DeletedVault | undefined> {
    return this.#client.read(this.#path, `read the ${this.#label}`);
  }

  /** Begins to remove it for good, with all that is in it; already gone is success. */
  async purge(): Promise<void> {
    const operation = `purge the ${this.#label}`;
    await this.#client.send({ method: "POST", path: `${this.#path}/purge`, operation, alsoAccepted: [404] });
  }
}
