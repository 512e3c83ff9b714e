import { computed, flag, integer, list, map, object, onWire, optional, required, text } from "../propertyShape";
import type { ResourceType } from "./resourceType";
import { VAULT, VAULT_NAME, VAULT_OBJECT_NAME } from "./vaultType";

const attributes = object({
  created: computed(integer),
  enabled: optional(flag),
  expires: onWire("exp", optional(integer)),
  exportable: optional(flag),
  notBefore: onWire("nbf", optional(integer)),
  recoveryLevel: computed(text),
  updated: computed(integer),
});

const rotationPolicy = object({
  attributes: optional(object({ created: computed(integer), expiryTime: optional(text), updated: computed(integer) })),
  lifetimeActions: optional(
    list(
      object({
        action: optional(object({ type: optional(text) })),
        trigger: optional(object({ timeAfterCreate: optional(text), timeBeforeExpiry: optional(text) })),
      }),
    ),
  ),
});

/**
 * A key in a key vault (`@pulumi/azure-native/keyvault`), created through ARM. A PUT to an existing key changes nothing, so
 * neither does an update. Deleted in the vault's data plane, as the genuine plugin does (its custom_keyvault.go).
 */
export const KEY: ResourceType = {
  token: "azure-native:keyvault:Key",
  armType: "Microsoft.KeyVault/vaults/keys",
  path: `${VAULT.path}/keys/{keyName}`,
  apiVersion: VAULT.apiVersion,
  nameParameter: "keyName",
  autoName: "copy",
  location: "none",
  deleteIsPolled: false,
  deletedIn: "vault",
  parameterLimits: { vaultName: VAULT_NAME, keyName: VAULT_OBJECT_NAME },
  flattened: "properties",
  body: {
    location: computed(text),
    properties: required(
      object({
        attributes: optional(attributes),
        curveName: optional(text),
        keyOps: optional(list(text)),
        keySize: optional(integer),
        keyUri: computed(text),
        keyUriWithVersion: computed(text),
        kty: optional(text),
        releasePolicy: onWire(
          "release_policy",
          optional(object({ contentType: optional(text), data: optional(text) })),
        ),
        rotationPolicy: optional(rotationPolicy),
      }),
    ),
    tags: optional(map(text)),
  },
};
