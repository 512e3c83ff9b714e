/** JSON of Key Vault's data plane, as far as this toolkit uses it (Azure REST API "Key Vault", 7.4 and later). */

/** Common to keys, secrets and certificates. Dates are unix seconds. */
export interface VaultAttributes {
  readonly enabled?: boolean;
  readonly created?: number;
  readonly updated?: number;
  readonly recoverableDays?: number;
}

/** The names and values that a team marks an object with; up to 15, each up to 256 characters. */
export type VaultTags = Readonly<Record<string, string>>;

/** What a deleted object has beside what it was. Unix seconds. */
export interface Deleted {
  readonly deletedDate?: number;
  readonly scheduledPurgeDate?: number;
}

/** A JSON Web Key without its private parts, which the vault never gives. */
export interface VaultJwk {
  /** `https://NAME.vault.azure.net/keys/KEY/VERSION`. */
  readonly kid: string;
  readonly kty: string;
  readonly crv?: string;
  /** base64url. */
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** One version of a key. */
export interface KeyBundle {
  readonly key: VaultJwk;
  readonly attributes?: VaultAttributes;
  readonly tags?: VaultTags;
}

/** What a key is made from. */
export interface KeyOrder {
  readonly kty: "EC" | "RSA" | "EC-HSM" | "RSA-HSM";
  readonly crv?: string;
  readonly key_size?: number;
  readonly key_ops: readonly string[];
  readonly tags: VaultTags;
}

/** One version of a secret. */
export interface SecretBundle {
  readonly id: string;
  readonly value: string;
  readonly contentType?: string;
  readonly attributes?: VaultAttributes;
  readonly tags?: VaultTags;
}

/** One version of a certificate; its private key is the secret `sid`. */
export interface CertificateBundle {
  readonly id: string;
  readonly sid: string;
  /** Base64 of the DER. */
  readonly cer: string;
  readonly attributes?: VaultAttributes;
  readonly tags?: VaultTags;
}
