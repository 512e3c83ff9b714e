/** Settings of Key Vault: what is kept there instead of in the stack's state, and in which vault. */
import { vaultUriOf } from "../azure/vaultIds";
import type { SettingsReader } from "./settingsReader";

/** Where keys are: secrets of the stack's state, or a vault. */
export type Keeper = "state" | "keyVault";

/** What is asked of Key Vault. */
export interface KeyVaultSettings {
  /** Where the keys of the CAs are. */
  readonly caKeys: Keeper;
  /** Where the sample devices' certificates and keys are. */
  readonly deviceCredentials: Keeper;
  /** Where the symmetric keys of the enrollments are that `individualsFile` lists with `generated` ones. */
  readonly enrollmentKeys: Keeper;
  /** The vault's arguments; undefined where nothing is to be kept in one. */
  readonly vault: ExistingVault | NewVault | undefined;
}

interface Used {
  /** What is done in the vault. */
  readonly uses: readonly ("keys" | "certificates" | "secrets")[];
}

interface ExistingVault extends Used {
  readonly uri: string;
  readonly softDeleted: "recover" | "purge";
}

interface NewVault extends Used {
  /** Undefined: chosen. */
  readonly name: string | undefined;
  readonly softDeleted: "recover" | "purge";
  readonly purgeProtection: boolean;
}

const uriFault = (value: string): string | undefined =>
  value === "" || vaultUriOf(value) !== undefined ? undefined : "must be https://NAME.vault.azure.net";

/**
 * Reads the keys `caKeys`, `deviceCredentials`, `enrollmentKeys`, `keyVaultName`, `keyVaultUri`, `keyVaultSoftDeleted` and
 * `keyVaultPurgeProtection`, whose default is on for the cloud `public`.
 */
export function readKeyVault(read: SettingsReader, cloud: "local" | "public"): KeyVaultSettings {
  const keeper = (key: string): Keeper => read.choice(key, ["state", "keyVault"], "state");
  const kept = {
    caKeys: keeper("caKeys"),
    deviceCredentials: keeper("deviceCredentials"),
    enrollmentKeys: keeper("enrollmentKeys"),
  };
  const name = read.optionalName("keyVaultName", "keyVault");
  const uri = vaultUriOf(read.text("keyVaultUri", "", uriFault));
  const softDeleted = read.choice("keyVaultSoftDeleted", ["recover", "purge"], "recover");
  const asked = read.choice("keyVaultPurgeProtection", ["auto", "on", "off"], "auto");
  const purgeProtection = asked === "auto" ? cloud === "public" : asked === "on";
  if (name !== undefined && uri !== undefined) {
    const rule = "a vault is made by keyVaultName, or one that stands is used by keyVaultUri";
    read.fault("keyVaultName", name, rule, "leave one of the two out");
  }
  if (uri === undefined && purgeProtection && softDeleted === "purge") {
    const rule = "a vault with purge protection cannot be purged";
    read.fault("keyVaultSoftDeleted", softDeleted, rule, "choose recover, or keyVaultPurgeProtection off");
  }
  const uses = [
    ...(kept.caKeys === "keyVault" ? ["keys" as const] : []),
    ...(kept.deviceCredentials === "keyVault" ? ["certificates" as const] : []),
    ...(kept.enrollmentKeys === "keyVault" ? ["secrets" as const] : []),
  ];
  const vault = uri === undefined ? { name, softDeleted, purgeProtection, uses } : { uri, softDeleted, uses };
  return { ...kept, vault: uses.length > 0 ? vault : undefined };
}
