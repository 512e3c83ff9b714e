import type { Database, Row } from "../../kernel/database";
import { exportMaterial, importMaterial, type KeyMaterial } from "../keys/keyMaterial";
import type { RequestedAttributes, Tags } from "../objects/objectAttributes";
import type { VaultDependencies } from "../vaultDependencies";
import type { CertificatePolicy } from "./certificatePolicy";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS vault_pending_certificate (
  vault TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  detail TEXT NOT NULL,
  sealed BLOB,
  PRIMARY KEY (vault, name_key)
) WITHOUT ROWID;
`;

/** A certificate operation: one per name, until it is replaced or deleted. */
export interface Pending {
  readonly vault: string;
  readonly name: string;
  /** Version of the future certificate. */
  readonly version: string;
  /** 32 hexadecimal digits. */
  readonly requestId: string;
  readonly status: "inProgress" | "completed";
  readonly cancellationRequested: boolean;
  /** PKCS#10, base64 of DER. */
  readonly csr: string;
  readonly policy: CertificatePolicy;
  readonly attributes: RequestedAttributes;
  readonly tags?: Tags;
  /** Seconds since 1970. */
  readonly created: number;
}

/** Pending certificates of all vaults, with their private keys sealed. */
export class PendingStore {
  readonly #deps: Pick<VaultDependencies, "database" | "sealer">;

  constructor(deps: Pick<VaultDependencies, "database" | "sealer" | "vaults">) {
    this.#deps = deps;
    deps.database.define(SCHEMA);
    deps.vaults.onVaultPurged((vault) => {
      deps.database.run("DELETE FROM vault_pending_certificate WHERE vault = ?", vault);
    });
  }

  get #store(): Database {
    return this.#deps.database;
  }

  #row(vault: string, name: string): Row | undefined {
    const sql = "SELECT * FROM vault_pending_certificate WHERE vault = ? AND name_key = ?";
    return this.#store.get(sql, vault, name.toLowerCase());
  }

  find(vault: string, name: string): Pending | undefined {
    const row = this.#row(vault, name);
    return row && pendingOf(row);
  }

  /** In the order of names, after one (lower case). */
  list(vault: string, after: string, top: number): Pending[] {
    const sql = "SELECT * FROM vault_pending_certificate WHERE vault = ? AND name_key > ? ORDER BY name_key LIMIT ?";
    return this.#store.all(sql, vault, after, top).map(pendingOf);
  }

  /** Creates or replaces. `material`: the private key, while the certificate is pending. */
  save(pending: Pending, material?: KeyMaterial): void {
    const sealed = material && this.#deps.sealer.seal(exportMaterial(material), labelOf(pending));
    this.#store.run(
      "INSERT OR REPLACE INTO vault_pending_certificate (vault, name_key, name, detail, sealed) VALUES (?, ?, ?, ?, ?)",
      pending.vault,
      pending.name.toLowerCase(),
      pending.name,
      JSON.stringify(pending),
      sealed ?? null,
    );
  }

  /** Records a requested cancellation; the key stays. */
  requestCancellation(pending: Pending): Pending {
    const changed = { ...pending, cancellationRequested: true };
    const sql = "UPDATE vault_pending_certificate SET detail = ? WHERE vault = ? AND name_key = ?";
    this.#store.run(sql, JSON.stringify(changed), pending.vault, pending.name.toLowerCase());
    return changed;
  }

  /** Returns the private key of the pending certificate. */
  material(pending: Pending): KeyMaterial {
    const sealed = this.#row(pending.vault, pending.name)?.sealed;
    const clear = this.#deps.sealer.open(Buffer.from((sealed ?? "") as Buffer), labelOf(pending));
    if (clear) return importMaterial(clear);
    throw new Error(`the key of the pending certificate ${pending.name} cannot be opened`);
  }

  remove(vault: string, name: string): void {
    this.#store.run(
      "DELETE FROM vault_pending_certificate WHERE vault = ? AND name_key = ?",
      vault,
      name.toLowerCase(),
    );
  }
}

const labelOf = ({ vault, name, version }: Pending): string => `pending/${vault}/${name.toLowerCase()}/${version}`;
const pendingOf = ({ detail }: Row): Pending => JSON.parse(String(detail)) as Pending;
