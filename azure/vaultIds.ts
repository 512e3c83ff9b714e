/** Ids of Key Vault's objects: `https://NAME.vault.azure.net/KIND/OBJECT[/VERSION]` (Azure documentation "Keys, secrets, and certificates overview"). */
import { azureHost } from "./hosts";

/** The kinds of object in a vault, as addresses spell them. */
export type VaultObjectKind = "keys" | "secrets" | "certificates";

/** The parts of an id. */
export interface VaultObjectId {
  /** `https://NAME.vault.azure.net`, without a slash at the end. */
  readonly vaultUri: string;
  readonly kind: VaultObjectKind;
  readonly name: string;
  /** 32 hexadecimal digits; empty for the latest. */
  readonly version: string;
}

const PATH = /^\/(keys|secrets|certificates)\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Za-z]{0,64}))?\/?$/;

/**
 * A vault's address in one spelling: lower case, no slash at the end. Undefined for what is not the address of a vault in
 * Azure's public cloud: a token must not be sent anywhere else.
 */
export function vaultUriOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, search, hash, username } = new URL(text);
  const isPlain = protocol === "https:" && pathname === "/" && search === "" && hash === "" && username === "";
  return isPlain && azureHost(host)?.service === "vault" ? `https://${host}` : undefined;
}

/** Reads an id; undefined for anything else. */
export function readVaultId(text: string): VaultObjectId | undefined {
  if (!text.startsWith("https://") || !URL.canParse(text)) return undefined;
  const { origin, pathname } = new URL(text);
  const vaultUri = vaultUriOf(origin);
  const [, kind, name, version = ""] = PATH.exec(pathname) ?? [];
  if (vaultUri === undefined || kind === undefined || name === undefined) return undefined;
  return { vaultUri, kind: kind as VaultObjectKind, name, version };
}

/** Reads the id of a kind of object. Throws a TypeError for anything else; IDs are not secret, and are in the message. */
export function vaultIdOf(kind: VaultObjectKind, text: string): VaultObjectId {
  const id = readVaultId(text);
  if (id?.kind !== kind) throw new TypeError(`'${text.slice(0, 200)}' is not the id of one of a vault's ${kind}`);
  return id;
}
