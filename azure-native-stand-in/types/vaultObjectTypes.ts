import { computed, flag, integer, list, map, object, onWire, optional, required, text } from "../propertyShape";
import type { ResourceType } from "./resourceType";
import { VAULT, VAULT_NAME, VAULT_OBJECT_NAME } from "./vaultType";

/** Attributes of every object in a vault. */
const attributes = {
  created: computed(integer),
  enabled: optional(flag),
  expires: onWire("exp", optional(integer)),
  notBefore: onWire("nbf", optional(integer)),
  updated: computed(integer),
};

const keyAttributes = object({ ...attributes, exportable: optional(flag), recoveryLevel: computed(text) });

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
  deletedIn: "vault",
  parameterLimits: { vaultName: VAULT_NAME, keyName: VAULT_OBJECT_NAME },
  flattened: "properties",
  body: {
    location: computed(text),
    properties: required(
      object({
        attributes: optional(keyAttributes),
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

/** A secret in a key vault (`@pulumi/azure-native/keyvault`), written through ARM, which never returns the value. */
export const SECRET: ResourceType = {
  token: "azure-native:keyvault:Secret",
  armType: "Microsoft.KeyVault/vaults/secrets",
  path: `${VAULT.path}/secrets/{secretName}`,
  apiVersion: VAULT.apiVersion,
  nameParameter: "secretName",
  deletedIn: "vault",
  parameterLimits: { vaultName: VAULT_NAME, secretName: VAULT_OBJECT_NAME },
  body: {
    location: computed(text),
    properties: required(
      object({
        attributes: optional(object(attributes)),
        contentType: optional(text),
        secretUri: computed(text),
        secretUriWithVersion: computed(text),
        value: optional(text),
      }),
    ),
    tags: optional(map(text)),
  },
};
