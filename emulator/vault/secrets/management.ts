import { frontError } from "../../arm/errors";
import { VAULT_TYPE } from "../../arm/vaults/vault";
import type { Answer, Call, Operation } from "../../kernel/call";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { type ManagementParts, managedVault, VAULT_PATH } from "../managedVault";
import { objectBody } from "../objects";
import { isObject, type JsonObject, readAttributes, readTags } from "../objects/attributes";
import { checkNotManaged } from "../objects/existing";
import { idOf, nameOf } from "../objects/names";
import type { ObjectVersion } from "../objects/objectVersion";
import { addSecret } from "./addSecret";
import { readContentType } from "./secretFace";

const SECRETS = `${VAULT_PATH}/secrets`;

/** A secret as ARM shows it: never its value. */
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
export function secretManagement(management: ManagementParts): Operation[] {
  const { parts, lifetimes } = management;
  const { objects } = parts;
  const vaultOf = (call: Call): VaultRecord => managedVault(call, management);
  const find = async (call: Call, vault: VaultRecord): Promise<ObjectVersion | undefined> => {
    const key = { vault: vault.key, kind: "secret", name: nameOf(call) } as const;
    await lifetimes.look(key);
    return objects.find(key);
  };
  const existing = async (call: Call, vault: VaultRecord): Promise<ObjectVersion> => {
    const secret = await find(call, vault);
    if (secret) return secret;
    throw frontError(404, "SecretNotFound", `The secret '${call.params.name}' was not found in '${vault.name}'.`);
  };
  const asked = (call: Call): JsonObject => {
    const { properties, tags } = objectBody(call);
    return { ...(isObject(properties) ? properties : {}), tags };
  };
  const put = async (call: Call): Promise<Answer> => {
    const vault = vaultOf(call);
    const isNew = (await find(call, vault)) === undefined;
    const secret = addSecret({ vault: vault.key, kind: "secret", name: nameOf(call) }, asked(call), parts);
    return { status: isNew ? 201 : 200, body: body(secret, vault) };
  };
  const patch = async (call: Call): Promise<Answer> => {
    const vault = vaultOf(call);
    const secret = await existing(call, vault);
    checkNotManaged(secret, "update");
    const change = asked(call);
    if (change.value !== undefined) {
      // A new version with what the last one had, but for what the change says.
      const attributes = { ...secret.attributes, ...readAttributes(change.attributes) };
      const contentType = change.contentType ?? secret.detail.contentType;
      const whole = { ...change, attributes, contentType, tags: change.tags ?? secret.tags };
      return { status: 200, body: body(addSecret(secret, whole, parts), vault) };
    }
    const contentType = readContentType(change);
    const detail = contentType === undefined ? secret.detail : { ...secret.detail, contentType };
    const [attributes, tags] = [readAttributes(change.attributes), readTags(change.tags)];
    return { status: 200, body: body(objects.update(secret, { attributes, tags, detail }), vault) };
  };
  const list = async (call: Call): Promise<Answer> => {
    const vault = vaultOf(call);
    // All of them: SQLite takes a negative limit for none.
    const page = { after: "", top: -1 };
    await lifetimes.lookAtAll(vault.key, "secret", page);
    const found = objects.list(vault.key, "secret", { ...page, deleted: false });
    return { status: 200, body: { value: found.map((each) => body(each, vault)) } };
  };
  const get = async (call: Call): Promise<Answer> => {
    const vault = vaultOf(call);
    return { status: 200, body: body(await existing(call, vault), vault) };
  };
  return [
    { name: "Secrets_CreateOrUpdate", method: "PUT", path: `${SECRETS}/:name`, handle: put },
    { name: "Secrets_Update", method: "PATCH", path: `${SECRETS}/:name`, handle: patch },
    { name: "Secrets_Get", method: "GET", path: `${SECRETS}/:name`, handle: get },
    { name: "Secrets_List", method: "GET", path: SECRETS, handle: list },
  ];
}
