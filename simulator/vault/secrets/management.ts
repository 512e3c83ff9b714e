import { frontError } from "../../arm/errors";
import { existingResource, GROUP, NAME } from "../../arm/existing";
import type { ArmParts } from "../../arm/parts";
import { VAULT_TYPE, vaultRecord } from "../../arm/vaults/vault";
import type { Answer, Call, Operation } from "../../kernel/call";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { objectBody } from "../objects";
import { isObject, type JsonObject, readAttributes, readTags } from "../objects/attributes";
import { idOf, nameOf } from "../objects/names";
import type { ObjectVersion } from "../objects/objectVersion";
import type { VaultParts } from "../parts";
import { addSecret } from "./addSecret";
import { readContentType } from "./secretFace";

const SECRETS = `/subscriptions/:subscriptionId/resourceGroups/:${GROUP}/providers/${VAULT_TYPE}/:${NAME}/secrets`;

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
export function secretManagement(arm: ArmParts, parts: VaultParts): Operation[] {
  const { objects } = parts;
  const vaultOf = (call: Call): VaultRecord => vaultRecord(existingResource(call, VAULT_TYPE, arm), arm.subscriptionId);
  const find = (call: Call, vault: VaultRecord): ObjectVersion | undefined =>
    objects.find({ vault: vault.key, kind: "secret", name: nameOf(call) });
  const existing = (call: Call, vault: VaultRecord): ObjectVersion => {
    const secret = find(call, vault);
    if (secret) return secret;
    throw frontError(404, "SecretNotFound", `The secret '${call.params.name}' was not found in '${vault.name}'.`);
  };
  const asked = (call: Call): JsonObject => {
    const { properties, tags } = objectBody(call);
    return { ...(isObject(properties) ? properties : {}), tags };
  };
  const put = (call: Call): Answer => {
    const vault = vaultOf(call);
    const isNew = find(call, vault) === undefined;
    const secret = addSecret({ vault: vault.key, kind: "secret", name: nameOf(call) }, asked(call), parts);
    return { status: isNew ? 201 : 200, body: body(secret, vault) };
  };
  const patch = (call: Call): Answer => {
    const vault = vaultOf(call);
    const secret = existing(call, vault);
    const change = asked(call);
    if (change.value !== undefined) {
      const detail = { contentType: secret.detail.contentType, attributes: secret.attributes, tags: secret.tags };
      return { status: 200, body: body(addSecret(secret, { ...detail, ...change }, parts), vault) };
    }
    const contentType = readContentType(change);
    const detail = contentType === undefined ? secret.detail : { ...secret.detail, contentType };
    const [attributes, tags] = [readAttributes(change.attributes), readTags(change.tags)];
    return { status: 200, body: body(objects.update(secret, { attributes, tags, detail }), vault) };
  };
  const list = (call: Call): Answer => {
    const vault = vaultOf(call);
    // All of them: SQLite takes a negative limit for none.
    const found = objects.list(vault.key, "secret", { deleted: false, after: "", top: -1 });
    return { status: 200, body: { value: found.map((each) => body(each, vault)) } };
  };
  const get = (call: Call): Answer => {
    const vault = vaultOf(call);
    return { status: 200, body: body(existing(call, vault), vault) };
  };
  return [
    { name: "Secrets_CreateOrUpdate", method: "PUT", path: `${SECRETS}/:name`, handle: put },
    { name: "Secrets_Update", method: "PATCH", path: `${SECRETS}/:name`, handle: patch },
    { name: "Secrets_Get", method: "GET", path: `${SECRETS}/:name`, handle: get },
    { name: "Secrets_List", method: "GET", path: SECRETS, handle: list },
  ];
}
