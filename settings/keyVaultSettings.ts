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
    /** Object IDs of those who get the roles on the new vault; empty for the identity that creates it. */
    readonly principals: string[];
    readonly softDeleted: "recover" | "purge";
    /** Of the new vault. */
    readonly purgeProtection: boolean;
  };
}

const uriRule = (value: string): string | undefined =>
  value === "" || vaultUriOf(value) !== undefined ? undefined : "must be https://NAME.vault.azure.net";

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const principalRule = (value: string): string | undefined =>
  GUID.test(value) ? undefined : "must be the object ID of a user, a group or a service principal (a GUID)";

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
  const principals = read.list("keyVaultPrincipals", [], principalRule).map((each) => each.toLowerCase());
  if (principals.length > 0 && uri !== undefined) {
    const rule = "an existing vault keeps its own role assignments";
    read.addError("keyVaultPrincipals", principals.join(", "), rule, "remove keyVaultPrincipals or keyVaultUri");
  }
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
  const keyVault = { uses, uri, name, principals: [...new Set(principals)], softDeleted, purgeProtection };
  return { caKeys, deviceCredentials, enrollmentKeys, keyVault };
}
