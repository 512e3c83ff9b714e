import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../../arm/armErrors";
import { VAULT_PATH, VAULT_TYPE } from "../../arm/vaults/vaultResource";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { type ManagementDependencies, managedVault } from "../managedVault";
import { recoveryLevelOf } from "../objects/objectAttributes";
import { objectBody } from "../objects/objectBody";
import { idOf, nameOf, versionOf } from "../objects/objectNames";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { badParameter } from "../vaultErrors";
import { curveNameOf, keyDetail } from "./keyDetail";
import { type StoredPolicy, saveRotationPolicy, storedRotationPolicy } from "./keyRotation";
import { readRotationPolicy } from "./keyRotationPolicy";
import { addKey, materialFor } from "./newKey";

const KEYS = `${VAULT_PATH}/keys`;

/** The properties of a key in every response; items of lists have no others. */
function itemProperties(key: ObjectVersion, vault: VaultRecord): JsonObject {
  return {
    attributes: { ...key.attributes, recoveryLevel: recoveryLevelOf(vault), exportable: keyDetail(key).exportable },
    keyUri: idOf(vault, "key", key.name),
  };
}

const withVersion = (key: ObjectVersion, vault: VaultRecord): JsonObject => ({
  ...itemProperties(key, vault),
  keyUriWithVersion: idOf(vault, "key", key.name, key.version),
});

const body = (key: ObjectVersion, vault: VaultRecord, properties: JsonObject): JsonObject => ({
  id: `${vault.id}/keys/${key.name}`,
  name: key.name,
  type: `${VAULT_TYPE}/keys`,
  location: vault.location,
  tags: key.tags ?? {},
  properties,
});

const versionBody = (key: ObjectVersion, vault: VaultRecord, properties: JsonObject): JsonObject => ({
  ...body(key, vault, properties),
  id: `${vault.id}/keys/${key.name}/versions/${key.version}`,
  name: key.version,
  type: `${VAULT_TYPE}/keys/versions`,
});

function properties(key: ObjectVersion, vault: VaultRecord): JsonObject {
  const detail = keyDetail(key);
  const { jwk, kty, keyOps } = detail;
  const size = jwk.kty === "RSA" ? { keySize: Buffer.from(jwk.n, "base64url").length * 8 } : {};
  return { kty, keyOps, ...size, curveName: curveNameOf(detail), ...withVersion(key, vault) };
}

/** A rotation policy as ARM writes it: the types of its actions in lower case (KeyRotationPolicyActionType). */
const armPolicy = ({ lifetimeActions, expiryTime, created, updated }: StoredPolicy): JsonObject => ({
  attributes: { expiryTime, created, updated },
  lifetimeActions: lifetimeActions.map(({ trigger, action }) => ({
    trigger,
    action: { type: action.type.toLowerCase() },
  })),
});

/** Converts an ARM body to the data plane's. */
function dataPlaneBody({ properties, tags }: JsonObject): JsonObject {
  if (!isObject(properties)) throw badParameter("The parameter properties is not specified.");
  const { kty, keyOps, keySize, curveName, attributes, release_policy } = properties;
  return { kty, key_ops: keyOps, key_size: keySize, crv: curveName, attributes, release_policy, tags };
}

/**
 * Keys in the control plane, as templates and azure-native create them (REST reference, "Key Vault management – Keys"). A PUT
 * creates a key's first version only: it returns an existing key unchanged. There is no DELETE: clients delete in the data
 * plane.
 */
export function keyManagement(management: ManagementDependencies): Operation[] {
  const { deps, lifetimes } = management;
  const { objects, database } = deps;
  const keyOf = (request: Request, vault: VaultRecord): ObjectKey => ({
    vault: vault.key,
    kind: "key",
    name: nameOf(request),
  });
  const response = (key: ObjectVersion, vault: VaultRecord): Response => {
    const stored = storedRotationPolicy(key, deps);
    const policy = stored === undefined ? {} : { rotationPolicy: armPolicy(stored) };
    return { status: 200, body: body(key, vault, { ...properties(key, vault), ...policy }) };
  };
  const existing = async (request: Request, vault: VaultRecord): Promise<ObjectVersion> => {
    const [key, version] = [keyOf(request, vault), versionOf(request)];
    await lifetimes.applyDue(key);
    const found = objects.find(key, version);
    if (found) return found;
    const name = version === undefined ? key.name : `${key.name}/${version}`;
    throw frontError(404, "KeyNotFound", `The key '${name}' was not found in '${vault.name}'.`);
  };
  const put = async (request: Request): Promise<Response> => {
    const vault = managedVault(request, management);
    const key = keyOf(request, vault);
    const [given, wanted] = [objectBody(request), dataPlaneBody(objectBody(request))];
    await lifetimes.applyDue(key);
    const current = objects.find(key);
    if (current) return response(current, vault);
    const { rotationPolicy } = given.properties as JsonObject;
    const policy = isObject(rotationPolicy) ? readRotationPolicy(rotationPolicy) : undefined;
    const material = await materialFor(key, wanted, vault, deps);
    const first = database.transaction(() => {
      // Another request may have created the first version while the key was generated.
      const made = objects.find(key) ?? addKey(key, wanted, material, wanted.key_ops, deps);
      if (policy && storedRotationPolicy(made, deps) === undefined) saveRotationPolicy(made, policy, deps);
      return made;
    });
    return response(first, vault);
  };
  const get = async (request: Request): Promise<Response> => {
    const vault = managedVault(request, management);
    return response(await existing(request, vault), vault);
  };
  const list = async (request: Request): Promise<Response> => {
    const vault = managedVault(request, management);
    // All items: a negative limit means no limit in SQLite.
    const page = { after: "", top: -1 };
    await lifetimes.applyDueOfPage(vault.key, "key", page);
    const found = objects.list(vault.key, "key", { ...page, deleted: false });
    return { status: 200, body: { value: found.map((key) => body(key, vault, itemProperties(key, vault))) } };
  };
  const getVersion = async (request: Request): Promise<Response> => {
    const vault = managedVault(request, management);
    const key = await existing(request, vault);
    return { status: 200, body: versionBody(key, vault, properties(key, vault)) };
  };
  const versions = async (request: Request): Promise<Response> => {
    const vault = managedVault(request, management);
    const found = objects.versions(await existing(request, vault), { after: "", top: -1 });
    return { status: 200, body: { value: found.map((key) => versionBody(key, vault, withVersion(key, vault))) } };
  };
  return [
    { name: "Keys_CreateIfNotExist", method: "PUT", path: `${KEYS}/:name`, handle: put },
    { name: "Keys_Get", method: "GET", path: `${KEYS}/:name`, handle: get },
    { name: "Keys_List", method: "GET", path: KEYS, handle: list },
    { name: "Keys_GetVersion", method: "GET", path: `${KEYS}/:name/versions/:version`, handle: getVersion },
    { name: "Keys_ListVersions", method: "GET", path: `${KEYS}/:name/versions`, handle: versions },
  ];
}
