import { count, flag, gives, hidden, map, may, must, object, spelled, text } from "../shapes";
import type { ResourceType } from "./resourceType";
import { VAULT } from "./vault";

const attributes = object({
  created: gives(count),
  enabled: may(flag),
  expires: spelled("exp", may(count)),
  notBefore: spelled("nbf", may(count)),
  updated: gives(count),
});

/** A secret in a key vault (`@pulumi/azure-native/keyvault`), written through ARM, which never tells the value. */
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
  body: {
    location: gives(text),
    properties: must(
      object({
        attributes: may(attributes),
        contentType: may(text),
        secretUri: gives(text),
        secretUriWithVersion: gives(text),
        value: hidden(may(text)),
      }),
    ),
    tags: may(map(text)),
  },
};
