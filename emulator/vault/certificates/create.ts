import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize, type Scene } from "../authorize";
import { badParameter, notEmulated } from "../errors";
import { objectBody } from "../objects";
import { readAttributes, readTags } from "../objects/attributes";
import { nameOf } from "../objects/names";
import type { ObjectKey } from "../objects/objectVersion";
import { type CertificateParts, certificateFace, keepPolicy, policyOf } from "./certificateFace";
import { checkFree, complete } from "./complete";
import { mismatch, readImport } from "./content";
import { importPolicy } from "./importPolicy";
import { begunAnswer } from "./pending";
import { readPolicy } from "./policy";
import { addSelfSigned, begun, keyFor } from "./selfSigned";
import type { SettingTable } from "./settingTable";

/** Throws for an issuer that is neither the key itself nor somebody outside. */
function checkIssuer(name: string, vault: string, settings: SettingTable): void {
  if (name === "Self" || name === "Unknown") return;
  if (settings.find(vault, "issuer", name) === undefined) {
    throw badParameter(
      `The certificate issuer '${name}' is not known to this key vault: Self, Unknown, or one set up.`,
    );
  }
  throw notEmulated(`the certificate authority behind the issuer '${name}'`);
}

/** Create and import (REST reference, "Create Certificate", "Import Certificate"). */
export function createOperations(parts: CertificateParts, settings: SettingTable): Operation[] {
  const { objects, ids, clock, store, pending } = parts;
  const face = certificateFace(parts);
  const keyOf = (call: Call, { vault }: Scene): ObjectKey => ({
    vault: vault.key,
    kind: "certificate",
    name: nameOf(call),
  });

  const create = async (call: Call): Promise<Answer> => {
    const scene = authorize(call, { kind: "certificate", action: "create" }, parts);
    const [key, body] = [keyOf(call, scene), objectBody(call)];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const standing = objects.find(key) && policyOf(key, parts);
    const brings = (body.policy ?? undefined) !== undefined;
    if (!brings && standing === undefined) {
      throw badParameter("Property policy has invalid value: a new certificate needs one.");
    }
    const policy = readPolicy(body.policy ?? {}, scene.vault, brings ? undefined : standing);
    checkIssuer(policy.issuer.name, key.vault, settings);
    checkFree(key, parts);
    const material = await keyFor(key, policy, parts);
    // Making a key takes a while, in which another call may have come.
    checkFree(key, parts);
    const wanted = { policy, attributes, tags, material, at: clock.now() };
    const making = begun(key, wanted, parts);
    store.transaction(() => {
      const isMade = making.status === "completed";
      if (isMade) addSelfSigned(key, making, wanted, parts);
      // The standing policy may have been changed while the key was made.
      if (brings && objects.find(key)) keepPolicy(key, policy, parts);
      pending.save(making, isMade ? undefined : material);
    });
    return begunAnswer(making, scene, call);
  };

  const take = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "import" }, parts);
    const [key, body] = [keyOf(call, scene), objectBody(call)];
    const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
    const imported = readImport(body.value, body.pwd);
    const [leaf, ...above] = imported.chain;
    if (leaf === undefined) throw mismatch();
    const policy = importPolicy(body.policy, { ...imported, leaf }, scene.vault);
    checkFree(key, parts);
    const completed = { version: ids.hex(16), policy, attributes, tags, material: imported.material };
    const object = store.transaction(() => {
      pending.remove(key.vault, key.name);
      const added = complete(key, { ...completed, chain: [leaf, ...above] }, parts);
      keepPolicy(key, policy, parts);
      return added;
    });
    return { status: 200, body: face.bundle(object, scene) };
  };
  return [
    { name: "CreateCertificate", method: "POST", path: "/certificates/:name/create", handle: create },
    { name: "ImportCertificate", method: "POST", path: "/certificates/:name/import", handle: take },
  ];
}
