/** Settings of Key Vault: which keys it keeps, and which vault. */
import { vaultUriOf } from "../azure/vaultIds";
import type { SettingsReader } from "./settingsReader";

/** Where keys are kept: as secrets in the stack's state, or in a key vault. */
export type KeyLocation = "state" | "keyVault";

/** Settings of Key Vault. */
export interface KeyVaultSettings {
  /** Where the CA keys are kept. */
  readonly caKeys: KeyLocation;
  /** Where the sample devices' certificates and keys are kept. */
  readonly deviceCredentials: KeyLocation;
  /** Where the generated symmetric keys of the enrollments in `individualsFile` are kept. */
  readonly enrollmentKeys: KeyLocation;
  readonly keyVault: {
    /** Which kinds of object the vault keeps; empty if no vault is needed. */
    readonly uses: ("keys" | "certificates" | "secrets")[];
    /** URI of an existing vault; undefined to create one. */
    readonly uri: string | undefined;
    /** Name of the new vault; undefined for a generated name. */
    readonly name: string | undefined;
    readonly softDeleted: "recover" | "purge";
    /** Of the new vault. */
    readonly purgeProtection: boolean;
  };
}

const uriRule = (value: string): string | undefined =>
  value === "" || vaultUriOf(value) !== undefined ? undefined : "must be https://NAME.vault.azure.net";

/** Reads the settings of Key Vault. By default, purge protection is on for the cloud `public` only. */
export function readKeyVault(read: SettingsReader, cloud: "local" | "public"): KeyVaultSettings {
  const locationOf = (key: string): KeyLocation => read.choice(key, ["state", "keyVault"], "state");
  const caKeys = locationOf("caKeys");
  const deviceCredentials = locationOf("deviceCredentials");
  const enrollmentKeys = locationOf("enrollmentKeys");
  const name = read.optionalName("keyVaultName", "keyVault");
  const uri = vaultUriOf(read.text("keyVaultUri", "", uriRule));
  const softDeleted = read.choice("keyVaultSoftDeleted", ["recover", "purge"], "recover");
  const protection = read.choice("keyVaultPurgeProtection", ["auto", "on", "off"], "auto");
  const purgeProtection = protection === "auto" ? cloud === "public" : protection === "on";
  if (name !== undefined && uri !== undefined) {
    const rule = "keyVaultName creates a vault, keyVaultUri uses an existing one";
    read.addError("keyVaultName", name, rule, "remove one of the two");
  }
  if (uri === undefined && purgeProtection && softDeleted === "purge") {
    const rule = "a vault with purge protection cannot be purged";
    read.addError("keyVaultSoftDeleted", softDeleted, rule, "choose recover, or set keyVaultPurgeProtection to off");
  }
  const uses = [
    ...(caKeys === "keyVault" ? ["keys" as const] : []),
    ...(deviceCredentials === "keyVault" ? ["certificates" as const] : []),
    ...(enrollmentKeys === "keyVault" ? ["secrets" as const] : []),
  ];
  return { caKeys, deviceCredentials, enrollmentKeys, keyVault: { uses, uri, name, softDeleted, purgeProtection } };
}
