import type { Operation, Request, Response } from "../../kernel/operation";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import type { ObjectKey } from "../objects/objectVersion";
import { authorize, type VaultRequestContext } from "../vaultAuthorization";
import { badParameter, notEmulated } from "../vaultErrors";
import { mismatch, readImport } from "./certificateContent";
import { type CertificateDependencies, certificateDefinition, keepPolicy, policyOf } from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";
import type { SettingStore } from "./certificateSettingStore";
import { checkFree, complete } from "./completeCertificate";
import { importPolicy } from "./importedPolicy";
import { pendingResponse } from "./pendingOperations";
import { addVersion, keyFor, prepareVersion } from "./selfSigned";

/** Throws for an issuer that is neither the key itself nor somebody outside. */
function checkIssuer(name: string, vault: string, settings: SettingStore): void {
  if (name === "Self" || name === "Unknown") return;
  if (settings.find(vault, "issuer", name) === undefined) {
    throw badParameter(
      `The certificate issuer '${name}' is not known to this key vault: Self, Unknown, or one set up.`,
    );
  }
  throw notEmulated(`the certificate authority behind the issuer '${name}'`);
}

/** Create and import (REST reference, "Create Certificate", "Import Certificate"). */
export function createOperations(deps: CertificateDependencies, settings: SettingStore): Operation[] {
  const { objects, ids, clock, database, pending } = deps;
  const definition = certificateDefinition(deps);
  const keyOf = (request: Request, { vault }: VaultRequestContext): ObjectKey => ({
    vault: vault.key,
    kind: "certificate",
    name: nameOf(request),
  });

  const create = async (request: Request): Promise<Response> => {
    const scene = authorize(request, { kind: "certificate", action: "create" }, deps);
    const [key, body] = [keyOf(request, scene), objectBody(request)];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const standing = objects.find(key) && policyOf(key, deps);
    const brings = (body.policy ?? undefined) !== undefined;
    if (!brings && standing === undefined) {
      throw badParameter("Property policy has invalid value: a new certificate needs one.");
    }
    const policy = readPolicy(body.policy ?? {}, scene.vault, brings ? undefined : standing);
    checkIssuer(policy.issuer.name, key.vault, settings);
    checkFree(key, deps);
    const material = await keyFor(key, policy, deps);
    const made = await prepareVersion(key, { policy, attributes, tags, material, at: clock.now() }, deps);
    // Making a key takes a while, in which another request may have come.
    checkFree(key, deps);
    database.transaction(() => {
      addVersion(key, made, deps);
      // The current policy may have been changed while the key was made.
      if (brings && objects.find(key)) keepPolicy(key, policy, deps);
    });
    return pendingResponse(made.pending, scene, request);
  };

  const take = (request: Request): Response => {
    const scene = authorize(request, { kind: "certificate", action: "import" }, deps);
    const [key, body] = [keyOf(request, scene), objectBody(request)];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const imported = readImport(body.value, body.pwd);
    const [leaf, ...above] = imported.chain;
    if (leaf === undefined) throw mismatch();
    const policy = importPolicy(body.policy, { ...imported, leaf }, scene.vault);
    checkFree(key, deps);
    const completed = { version: ids.hex(16), policy, attributes, tags, material: imported.material };
    const object = database.transaction(() => {
      pending.remove(key.vault, key.name);
      const added = complete(key, { ...completed, chain: [leaf, ...above] }, deps);
      keepPolicy(key, policy, deps);
      return added;
    });
    return { status: 200, body: definition.bundle(object, scene) };
  };
  return [
    { name: "CreateCertificate", method: "POST", path: "/certificates/:name/create", handle: create },
    { name: "ImportCertificate", method: "POST", path: "/certificates/:name/import", handle: take },
  ];
}
