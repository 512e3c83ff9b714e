import { count, flag, gives, list, map, may, must, object, spelled, text } from "../shapes";
import type { ResourceType } from "./resourceType";
import { VAULT } from "./vault";

const attributes = object({
  created: gives(count),
  enabled: may(flag),
  expires: spelled("exp", may(count)),
  exportable: may(flag),
  notBefore: spelled("nbf", may(count)),
  recoveryLevel: gives(text),
  updated: gives(count),
});

const rotationPolicy = object({
  attributes: may(object({ created: gives(count), expiryTime: may(text), updated: gives(count) })),
  lifetimeActions: may(
    list(
      object({
        action: may(object({ type: may(text) })),
        trigger: may(object({ timeAfterCreate: may(text), timeBeforeExpiry: may(text) })),
      }),
    ),
  ),
});

/**
 * A key in a key vault (`@pulumi/azure-native/keyvault`), made through ARM. A PUT to a key that stands changes nothing, so
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
  flattened: "properties",
  body: {
    location: gives(text),
    properties: must(
      object({
        attributes: may(attributes),
        curveName: may(text),
        keyOps: may(list(text)),
        keySize: may(count),
        keyUri: gives(text),
        keyUriWithVersion: gives(text),
        kty: may(text),
        releasePolicy: spelled("release_policy", may(object({ contentType: may(text), data: may(text) }))),
        rotationPolicy: may(rotationPolicy),
      }),
    ),
    tags: may(map(text)),
  },
};
