import { type Operation, ok } from "../../kernel/operation";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { keyOf, readBody } from "../objects/objectRequest";
import { authorized } from "../vaultAuthorization";
import { badParameter, notEmulated } from "../vaultErrors";
import { readImport } from "./certificateContent";
import { type CertificateDependencies, certificateDefinition, policyOf, savePolicy } from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";
import type { SettingStore } from "./certificateSettingOperations";
import { checkFree, complete } from "./completeCertificate";
import { importPolicy } from "./importedPolicy";
import { pendingResponse } from "./pendingOperations";
import { addVersion, keyFor, prepareVersion } from "./selfSigned";

/** Throws unless the certificate is self-signed or an external CA issues it. */
function checkIssuer(name: string, vault: string, settings: SettingStore): void {
  if (name === "Self" || name === "Unknown") return;
  if (settings.find(vault, "issuer", name) === undefined) {
    throw badParameter(
      `The certificate issuer '${name}' is not configured in this key vault. To fix: use Self, Unknown or a configured issuer.`,
    );
  }
  throw notEmulated(`the certificate authority behind the issuer '${name}'`);
}

/** Create and import (REST reference, "Create Certificate", "Import Certificate"). */
export function createOperations(deps: CertificateDependencies, settings: SettingStore): Operation[] {
  const { objects, ids, clock, database, pending } = deps;
  const definition = certificateDefinition(deps);

  const create = authorized({ kind: "certificate", action: "create" }, deps, async (request, context) => {
    const [key, body] = [keyOf(request, context, "certificate"), readBody(request, "keyVault.createCertificate")];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const current = objects.find(key) && policyOf(key, deps);
    const hasPolicy = (body.policy ?? undefined) !== undefined;
    if (!hasPolicy && current === undefined) {
      throw badParameter("Property policy is required for a new certificate.");
    }
    const policy = readPolicy(body.policy ?? {}, context.vault, hasPolicy ? undefined : current);
    checkIssuer(policy.issuer.name, key.vault, settings);
    checkFree(key, deps);
    const material = await keyFor(key, policy, deps);
    const prepared = await prepareVersion(key, { policy, attributes, tags, material, at: clock.now() }, ids);
    // Another request may have taken the name during key generation.
    checkFree(key, deps);
    database.transaction(() => {
      addVersion(key, prepared, deps);
      if (hasPolicy && objects.find(key)) savePolicy(key, policy, deps);
    });
    return pendingResponse(prepared.pending, context, request);
  });

  const importCertificate = authorized({ kind: "certificate", action: "import" }, deps, (request, context) => {
    const [key, body] = [keyOf(request, context, "certificate"), readBody(request, "keyVault.importCertificate")];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const imported = readImport(String(body.value), String(body.pwd ?? ""));
    const { chain, material } = imported;
    const policy = importPolicy(body.policy, imported, context.vault);
    checkFree(key, deps);
    const completed = { version: ids.hex(16), policy, attributes, tags, chain, material };
    const object = database.transaction(() => {
      pending.remove(key.vault, key.name);
      const added = complete(key, completed, deps);
      savePolicy(key, policy, deps);
      return added;
    });
    return ok(definition.bundle(object, context));
  });
  return [
    { name: "CreateCertificate", method: "POST", path: "/certificates/:name/create", handle: create },
    { name: "ImportCertificate", method: "POST", path: "/certificates/:name/import", handle: importCertificate },
  ];
}
