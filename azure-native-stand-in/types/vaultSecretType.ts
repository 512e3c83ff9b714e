import { computed, flag, integer, map, object, onWire, optional, required, text } from "../propertyShape";
import type { ResourceType } from "./resourceType";
import { VAULT, VAULT_NAME, VAULT_OBJECT_NAME } from "./vaultType";

const attributes = object({
  created: computed(integer),
  enabled: optional(flag),
  expires: onWire("exp", optional(integer)),
  notBefore: onWire("nbf", optional(integer)),
  updated: computed(integer),
});

/** A secret in a key vault (`@pulumi/azure-native/keyvault`), written through ARM, which never returns the value. */
export const SECRET: ResourceType = {
  token: "azure-native:keyvault:Secret",
  armType: "Microsoft.KeyVault/vaults/secrets",
  path: `${VAULT.path}/secrets/{secretName}`,
  apiVersion: VAULT.apiVersion,
  nameParameter: "secretName",
  autoName: "copy",
  location: "none",
  deleteIsPolled: false,
  deletedIn: "vault",
  parameterLimits: { vaultName: VAULT_NAME, secretName: VAULT_OBJECT_NAME },
  body: {
    location: computed(text),
    properties: required(
      object({
        attributes: optional(attributes),
        contentType: optional(text),
        secretUri: computed(text),
        secretUriWithVersion: computed(text),
        value: optional(text),
      }),
    ),
    tags: optional(map(text)),
  },
};
