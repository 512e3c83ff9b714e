import type { Row } from "../../kernel/database";
import { exportMaterial, importMaterial, type KeyMaterial } from "../keys/keyMaterial";
import type { RequestedAttributes, Tags } from "../objects/objectAttributes";
import type { VaultDependencies } from "../vaultDependencies";
import type { CertificatePolicy } from "./certificatePolicy";

const TABLE = "vault_pending_certificate";
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

const labelOf = ({ vault, name, version }: Pending): string => `pending/${vault}/${name.toLowerCase()}/${version}`;
const pendingOf = ({ detail }: Row): Pending => JSON.parse(String(detail)) as Pending;
const keyOf = (vault: string, name: string) => ({ vault, name_key: name.toLowerCase() });

/** Pending certificates of all vaults, with their private keys sealed. */
export class PendingStore {
  constructor(private readonly deps: Pick<VaultDependencies, "database" | "sealer" | "vaults">) {
    deps.database.define(SCHEMA);
    deps.vaults.onVaultPurged((vault) => {
      deps.database.remove(TABLE, { vault });
    });
  }

  find(vault: string, name: string): Pending | undefined {
    const row = this.deps.database.find(TABLE, keyOf(vault, name));
    return row && pendingOf(row);
  }

  /** In the order of names, after one (lower case). */
  list(vault: string, after: string, top: number): Pending[] {
    const sql = "SELECT * FROM vault_pending_certificate WHERE vault = ? AND name_key > ? ORDER BY name_key LIMIT ?";
    return this.deps.database.all(sql, vault, after, top).map(pendingOf);
  }

  /** Creates or replaces. `material`: the private key, while the certificate is pending. */
  save(pending: Pending, material?: KeyMaterial): void {
    const { vault, name } = pending;
    const sealed = material && this.deps.sealer.seal(exportMaterial(material), labelOf(pending));
    this.deps.database.put(TABLE, { ...keyOf(vault, name), name, detail: JSON.stringify(pending), sealed });
  }

  /** Records a requested cancellation; the key stays. */
  requestCancellation(pending: Pending): Pending {
    const changed = { ...pending, cancellationRequested: true };
    this.deps.database.change(TABLE, keyOf(pending.vault, pending.name), { detail: JSON.stringify(changed) });
    return changed;
  }

  /** Returns the private key of the pending certificate. */
  material(pending: Pending): KeyMaterial {
    const sealed = this.deps.database.find(TABLE, keyOf(pending.vault, pending.name))?.sealed;
    const clear = this.deps.sealer.open(Buffer.from((sealed ?? "") as Buffer), labelOf(pending));
    if (clear) return importMaterial(clear);
    throw new Error(`the key of the pending certificate ${pending.name} cannot be opened`);
  }

  remove(vault: string, name: string): void {
    this.deps.database.remove(TABLE, keyOf(vault, name));
  }
}
