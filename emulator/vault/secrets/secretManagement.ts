import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { VAULT_PATH } from "../../arm/microsoftKeyVault/vaultResource";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { ManagedObjects, type ManagementDependencies } from "../managedObjects";
import { checkNotManaged } from "../objects/existingObject";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { idOf } from "../objects/objectDefinition";
import { readBody } from "../objects/objectRequest";
import type { ObjectVersion } from "../objects/objectVersion";
import { addSecret, readContentType } from "./secretOperations";

const SECRETS = `${VAULT_PATH}/secrets`;

/** Returns the data plane's body of an ARM request. */
function dataPlaneBody(request: Request, schema: string): JsonObject {
  const { properties, tags } = readBody(request, schema);
  return { ...(isObject(properties) ? properties : {}), tags };
}

/**
 * Secrets in the control plane, as templates and azure-native write them: with ARM's rights, and without a value to read
 * (REST reference, "Key Vault management – Secrets"). There is no DELETE: clients delete in the data plane.
 */
export function secretManagement(management: ManagementDependencies): Operation[] {
  const { deps } = management;
  const secrets = new ManagedObjects("secret", management);
  const body = (secret: ObjectVersion, vault: VaultRecord): JsonObject =>
    secrets.body(secret, vault, {
      attributes: secret.attributes,
      contentType: secret.detail.contentType,
      secretUri: idOf(vault, "secret", secret.name),
      secretUriWithVersion: idOf(vault, "secret", secret.name, secret.version),
    });

  const put = async (request: Request, vault: VaultRecord): Promise<Response> => {
    const status = (await secrets.find(request, vault)) === undefined ? 201 : 200;
    const secret = addSecret(secrets.keyOf(request, vault), dataPlaneBody(request, "vault.createOrUpdateSecret"), deps);
    return { status, body: body(secret, vault) };
  };

  const patch = async (request: Request, vault: VaultRecord): Promise<Response> => {
    const secret = await secrets.existing(request, vault);
    checkNotManaged(secret, "update");
    const change = dataPlaneBody(request, "vault.updateSecret");
    if ((change.value ?? undefined) !== undefined) {
      // A new version with the properties of the last one, except for the changes.
      const attributes = { ...secret.attributes, ...readAttributes(change.attributes) };
      const contentType = change.contentType ?? secret.detail.contentType;
      const whole = { ...change, attributes, contentType, tags: change.tags ?? secret.tags };
      return ok(body(addSecret(secret, whole, deps), vault));
    }
    const detail = { ...secret.detail, contentType: readContentType(change) ?? secret.detail.contentType };
    const [attributes, tags] = [readAttributes(change.attributes), readTags(change.tags)];
    return ok(body(deps.objects.update(secret, { attributes, tags, detail }), vault));
  };

  const get = async (request: Request, vault: VaultRecord): Promise<Response> =>
    ok(body(await secrets.existing(request, vault), vault));

  const list = (request: Request, vault: VaultRecord) => secrets.list(request, vault, (secret) => body(secret, vault));
  return [
    { name: "Secrets_CreateOrUpdate", method: "PUT", path: `${SECRETS}/:name`, handle: secrets.inVault(put) },
    { name: "Secrets_Update", method: "PATCH", path: `${SECRETS}/:name`, handle: secrets.inVault(patch) },
    { name: "Secrets_Get", method: "GET", path: `${SECRETS}/:name`, handle: secrets.inVault(get) },
    { name: "Secrets_List", method: "GET", path: SECRETS, handle: secrets.inVault(list) },
  ];
}
