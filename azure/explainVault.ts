/**
 * Error codes of Key Vault, with those of its `innererror`.
 * Sources: Azure documentation "Azure Key Vault REST API error codes", "Key Vault recovery management with soft delete".
 */
import type { ExplanationTable } from "./explanation";

const FORBIDDEN = {
  meaning: "The identity has no right to do this in the vault; rights given a moment ago take minutes to arrive.",
  remedy:
    "Give it the role for what it does on the vault: Key Vault Crypto Officer for keys, Certificates Officer for certificates, Secrets Officer for secrets. Wait five minutes, and run `pulumi up` again.",
};

const NO_POLICY = {
  meaning: "The vault goes by access policies, and none gives the identity this right.",
  remedy: "Turn the vault to Azure RBAC, or give the identity an access policy with the rights that are named above.",
};

const BEING_DELETED = {
  meaning: "An object of this name is being deleted at this moment.",
  remedy: "Wait a minute and run `pulumi up` again.",
};

export const VAULT_CODES: ExplanationTable = Object.freeze({
  Unauthorized: {
    meaning: "The token was refused, or is meant for something else than Key Vault.",
    remedy: "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate; check the clock.",
  },
  Forbidden: FORBIDDEN,
  ForbiddenByRbac: FORBIDDEN,
  ForbiddenByPolicy: NO_POLICY,
  AccessDenied: NO_POLICY,
  ForbiddenByConnection: {
    meaning: "The vault takes no calls from the public network (publicNetworkAccess is Disabled).",
    remedy: "Run where its private endpoint can be reached, or enable public network access.",
  },
  ForbiddenByFirewall: {
    meaning: "The vault's firewall blocks this machine's address.",
    remedy: "Add the address to the vault's network rules, or run where the vault can be reached.",
  },
  KeyDisabled: {
    meaning: "The key is disabled: it signs nothing.",
    remedy: "Run `pulumi refresh` to see it, then `pulumi up`, which enables it again.",
  },
  KeyOperationForbidden: {
    meaning: "The key's version does not name this operation in its `key_ops`.",
    remedy: "Give it the operation (`az keyvault key set-attributes --ops`), or use a key that has it.",
  },
  KeyNotYetValid: {
    meaning: "The key's time has not begun (`nbf`): until then it decrypts and verifies, and signs nothing.",
    remedy: "Wait, or move the key's `nbf`; check the clock.",
  },
  KeyExpired: {
    meaning: "The key's time is over (`exp`): it decrypts and verifies still, and signs nothing.",
    remedy: "Rotate the key, or move its `exp`.",
  },
  KeyNotExportable: {
    meaning: "The key cannot be released: that needs an exportable key in an HSM.",
    remedy: "Let the vault do the work with the key instead of asking for the key.",
  },
  KeyTypeNotSupported: {
    meaning: "Vaults hold RSA and EC keys; symmetric ones (`oct`) are for managed HSMs.",
    remedy: "Ask for `RSA` or `EC`.",
  },
  OperationNotAllowed: {
    meaning: "The key or secret belongs to a certificate of the same name, which alone changes it.",
    remedy: "Change or delete the certificate.",
  },
  SecretDisabled: {
    meaning: "The secret is disabled: its value is not given.",
    remedy: "Enable it in the vault, then run `pulumi up` again.",
  },
  VaultNotFound: {
    meaning: "There is no vault of that name (so says the local Azure; in Azure the name is not found in the DNS).",
    remedy: "Run `pulumi refresh`, then `pulumi up`, which recovers a deleted vault; or correct keyVaultUri.",
  },
  KeyNotFound: {
    meaning: "The vault has no such key, or no such version of it.",
    remedy: "Run `pulumi refresh` to see what is missing, then `pulumi up`, which recovers a deleted key.",
  },
  SecretNotFound: {
    meaning: "The vault has no such secret.",
    remedy: "Run `pulumi refresh`, then `pulumi up`: the device gets a new certificate and key.",
  },
  CertificateNotFound: {
    meaning: "The vault has no such certificate.",
    remedy: "Run `pulumi refresh`, then `pulumi up`: the device gets a new certificate and key.",
  },
  PendingCertificateNotFound: {
    meaning: "No certificate of this name is being made, or it is made already.",
    remedy: "Create it with the issuer `Unknown` to get a request; then merge what was signed.",
  },
  CertificateIssuerNotFound: {
    meaning: "The vault has no certificate issuer of this name.",
    remedy: "Set the issuer up in the vault, or use `Self` or `Unknown`.",
  },
  ContactsNotFound: {
    meaning: "The vault has no certificate contacts.",
    remedy: "Nothing to do, unless somebody should be: then set the contacts.",
  },
  MethodNotAllowed: {
    meaning: "Key Vault has the address, but not for this verb.",
    remedy: "Compare the request with Key Vault's REST reference.",
  },
  InternalServerError: {
    meaning: "Key Vault failed on its own side.",
    remedy: "Run `pulumi up` again in a minute; of the local Azure, `npm run local -- logs` says why.",
  },
  NotEmulated: {
    meaning: "Azure does this, and the local Azure does not.",
    remedy: "See docs/key-vault.md for what it does; try this against Azure itself.",
  },
  Conflict: {
    meaning: "An object of this name exists: deleted but not purged, or being changed.",
    remedy: "Wait a minute and run `pulumi up` again, or set keyVaultSoftDeleted to `recover` or `purge`.",
  },
  ObjectIsDeletedButRecoverable: {
    meaning: "A soft-deleted object of this name blocks the name.",
    remedy:
      "Set keyVaultSoftDeleted to `recover` (take it back) or `purge` (remove it for good), then run `pulumi up`.",
  },
  ObjectIsBeingDeleted: BEING_DELETED,
  ObjectIsBeingRecovered: { ...BEING_DELETED, meaning: "An object of this name is being recovered at this moment." },
  BadParameter: {
    meaning: "Key Vault found a name, a version or a value malformed.",
    remedy: "Compare what the message names with the rules in docs/key-vault.md; nothing was changed.",
  },
  "Malformed backup blob": {
    meaning: "The backup is damaged, of another kind of object, or of another cloud.",
    remedy: "Restore a backup of the same kind that a vault of this cloud made.",
  },
  RequestNotAllowedOnNonDeletedObject: {
    meaning: "The object is not deleted, so there is nothing to recover.",
    remedy: "Run `pulumi refresh`, then `pulumi up` again.",
  },
  Throttled: {
    meaning: "The vault is throttling: more calls than its limit allows.",
    remedy: "Wait ten seconds and run `pulumi up` again; it goes on where it stopped.",
  },
});
