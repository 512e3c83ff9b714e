import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { VAULT_PATH } from "../../arm/microsoftKeyVault/vaultResource";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { ManagedObjects, type ManagementDependencies, WHOLE_LIST } from "../managedObjects";
import { recoveryLevelOf } from "../objects/objectAttributes";
import { idOf } from "../objects/objectDefinition";
import { readBody } from "../objects/objectRequest";
import type { ObjectVersion } from "../objects/objectVersion";
import { curveNameOf, keyDetail } from "./keyDefinition";
import { type StoredPolicy, saveRotationPolicy, storedRotationPolicy } from "./keyRotationOperations";
import { readRotationPolicy } from "./keyRotationPolicy";
import { addKey, materialFor } from "./newKey";

const KEYS = `${VAULT_PATH}/keys`;

/** The properties of a key in every response; items of lists have no others. */
const itemProperties = (key: ObjectVersion, vault: VaultRecord): JsonObject => ({
  attributes: { ...key.attributes, recoveryLevel: recoveryLevelOf(vault), exportable: keyDetail(key).exportable },
  keyUri: idOf(vault, "key", key.name),
});

const withVersion = (key: ObjectVersion, vault: VaultRecord): JsonObject => ({
  ...itemProperties(key, vault),
  keyUriWithVersion: idOf(vault, "key", key.name, key.version),
});

function properties(key: ObjectVersion, vault: VaultRecord): JsonObject {
  const detail = keyDetail(key);
  const { jwk, kty, keyOps } = detail;
  const keySize = jwk.kty === "RSA" ? Buffer.from(jwk.n, "base64url").length * 8 : undefined;
  return { kty, keyOps, keySize, curveName: curveNameOf(detail), ...withVersion(key, vault) };
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
  const { kty, keyOps, keySize, curveName, attributes, release_policy } = properties as JsonObject;
  return { kty, key_ops: keyOps, key_size: keySize, crv: curveName, attributes, release_policy, tags };
}

/**
 * Keys in the control plane, as templates and azure-native create them (REST reference, "Key Vault management – Keys"). A PUT
 * creates a key's first version only: it returns an existing key unchanged. There is no DELETE: clients delete in the data
 * plane.
 */
export function keyManagement(management: ManagementDependencies): Operation[] {
  const { objects, database } = management.deps;
  const { deps } = management;
  const keys = new ManagedObjects("key", management);
  const response = (key: ObjectVersion, vault: VaultRecord): Response => {
    const policy = storedRotationPolicy(key, deps);
    const rotationPolicy = policy && armPolicy(policy);
    return ok(keys.body(key, vault, { ...properties(key, vault), rotationPolicy }));
  };
  const versionBody = (key: ObjectVersion, vault: VaultRecord, properties: JsonObject): JsonObject => {
    const { id, type, ...body } = keys.body(key, vault, properties);
    return { ...body, id: `${id}/versions/${key.version}`, name: key.version, type: `${type}/versions` };
  };

  const put = async (request: Request, vault: VaultRecord): Promise<Response> => {
    const given = readBody(request, "vault.createKey");
    const wanted = dataPlaneBody(given);
    const current = await keys.find(request, vault);
    if (current) return response(current, vault);
    const { rotationPolicy } = given.properties as JsonObject;
    const policy = isObject(rotationPolicy) ? readRotationPolicy(rotationPolicy) : undefined;
    const key = keys.keyOf(request, vault);
    const material = await materialFor(key, wanted, vault, deps);
    const first = database.transaction(() => {
      // Another request may have created the first version while the key was generated.
      const made = objects.find(key) ?? addKey(key, wanted, material, wanted.key_ops, deps);
      if (policy && storedRotationPolicy(made, deps) === undefined) saveRotationPolicy(made, policy, deps);
      return made;
    });
    return response(first, vault);
  };

  const get = async (request: Request, vault: VaultRecord): Promise<Response> =>
    response(await keys.existing(request, vault), vault);

  const list = (request: Request, vault: VaultRecord) =>
    keys.list(request, vault, (key) => keys.body(key, vault, itemProperties(key, vault)));

  const getVersion = async (request: Request, vault: VaultRecord): Promise<Response> => {
    const key = await keys.existing(request, vault);
    return ok(versionBody(key, vault, properties(key, vault)));
  };

  const listVersions = async (request: Request, vault: VaultRecord): Promise<Response> => {
    const found = objects.versions(await keys.existing(request, vault), WHOLE_LIST);
    return ok({ value: found.map((key) => versionBody(key, vault, withVersion(key, vault))) });
  };

  const [path, versions] = [`${KEYS}/:name`, `${KEYS}/:name/versions`];
  return [
    { name: "Keys_CreateIfNotExist", method: "PUT", path, handle: keys.inVault(put) },
    { name: "Keys_Get", method: "GET", path, handle: keys.inVault(get) },
    { name: "Keys_List", method: "GET", path: KEYS, handle: keys.inVault(list) },
    { name: "Keys_GetVersion", method: "GET", path: `${versions}/:version`, handle: keys.inVault(getVersion) },
    { name: "Keys_ListVersions", method: "GET", path: versions, handle: keys.inVault(listVersions) },
  ];
}
