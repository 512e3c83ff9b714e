import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../../arm/armErrors";
import { VAULT_PATH, VAULT_TYPE } from "../../arm/vaults/vaultResource";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { type ManagementDependencies, managedVault } from "../managedVault";
import { checkNotManaged } from "../objects/existingObject";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { objectBody } from "../objects/objectBody";
import { idOf, nameOf } from "../objects/objectNames";
import type { ObjectVersion } from "../objects/objectVersion";
import { addSecret } from "./addSecret";
import { readContentType } from "./secretDefinition";

const SECRETS = `${VAULT_PATH}/secrets`;

/** Returns a secret as ARM shows it, without its value. */
function body(secret: ObjectVersion, vault: VaultRecord): JsonObject {
  const { contentType } = secret.detail;
  return {
    id: `${vault.id}/secrets/${secret.name}`,
    name: secret.name,
    type: `${VAULT_TYPE}/secrets`,
    location: vault.location,
    tags: secret.tags ?? {},
    properties: {
      attributes: secret.attributes,
      ...(contentType === undefined ? {} : { contentType }),
      secretUri: idOf(vault, "secret", secret.name),
      secretUriWithVersion: idOf(vault, "secret", secret.name, secret.version),
    },
  };
}

/**
 * Secrets in the control plane, as templates and azure-native write them: with ARM's rights, and without a value to read
 * (REST reference, "Key Vault management – Secrets"). There is no DELETE: clients delete in the data plane.
 */
export function secretManagement(management: ManagementDependencies): Operation[] {
  const { deps, lifetimes } = management;
  const { objects } = deps;
  const vaultOf = (request: Request): VaultRecord => managedVault(request, management);
  const find = async (request: Request, vault: VaultRecord): Promise<ObjectVersion | undefined> => {
    const key = { vault: vault.key, kind: "secret", name: nameOf(request) } as const;
    await lifetimes.applyDue(key);
    return objects.find(key);
  };
  const existing = async (request: Request, vault: VaultRecord): Promise<ObjectVersion> => {
    const secret = await find(request, vault);
    if (secret) return secret;
    throw frontError(404, "SecretNotFound", `The secret '${request.params.name}' was not found in '${vault.name}'.`);
  };
  const requestBody = (request: Request): JsonObject => {
    const { properties, tags } = objectBody(request);
    return { ...(isObject(properties) ? properties : {}), tags };
  };
  const put = async (request: Request): Promise<Response> => {
    const vault = vaultOf(request);
    const isNew = (await find(request, vault)) === undefined;
    const secret = addSecret({ vault: vault.key, kind: "secret", name: nameOf(request) }, requestBody(request), deps);
    return { status: isNew ? 201 : 200, body: body(secret, vault) };
  };
  const patch = async (request: Request): Promise<Response> => {
    const vault = vaultOf(request);
    const secret = await existing(request, vault);
    checkNotManaged(secret, "update");
    const change = requestBody(request);
    if (change.value !== undefined) {
      // A new version with the properties of the last one, except for the changes.
      const attributes = { ...secret.attributes, ...readAttributes(change.attributes) };
      const contentType = change.contentType ?? secret.detail.contentType;
      const whole = { ...change, attributes, contentType, tags: change.tags ?? secret.tags };
      return { status: 200, body: body(addSecret(secret, whole, deps), vault) };
    }
    const contentType = readContentType(change);
    const detail = contentType === undefined ? secret.detail : { ...secret.detail, contentType };
    const [attributes, tags] = [readAttributes(change.attributes), readTags(change.tags)];
    return { status: 200, body: body(objects.update(secret, { attributes, tags, detail }), vault) };
  };
  const list = async (request: Request): Promise<Response> => {
    const vault = vaultOf(request);
    // All items: a negative limit means no limit in SQLite.
    const page = { after: "", top: -1 };
    await lifetimes.applyDueOfPage(vault.key, "secret", page);
    const found = objects.list(vault.key, "secret", { ...page, deleted: false });
    return { status: 200, body: { value: found.map((each) => body(each, vault)) } };
  };
  const get = async (request: Request): Promise<Response> => {
    const vault = vaultOf(request);
    return { status: 200, body: body(await existing(request, vault), vault) };
  };
  return [
    { name: "Secrets_CreateOrUpdate", method: "PUT", path: `${SECRETS}/:name`, handle: put },
    { name: "Secrets_Update", method: "PATCH", path: `${SECRETS}/:name`, handle: patch },
    { name: "Secrets_Get", method: "GET", path: `${SECRETS}/:name`, handle: get },
    { name: "Secrets_List", method: "GET", path: SECRETS, handle: list },
  ];
}
