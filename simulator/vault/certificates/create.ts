import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize, type Scene } from "../authorize";
import { badParameter, notSimulated } from "../errors";
import { CURVES, type CurveName } from "../keys/curves";
import { generateEc, generateRsa, importMaterial, type KeyMaterial } from "../keys/material";
import { objectBody } from "../objects";
import { readAttributes, readTags } from "../objects/attributes";
import { nameOf } from "../objects/names";
import type { ObjectKey } from "../objects/objectVersion";
import { type CertificateParts, certificateFace, keepPolicy, policyOf } from "./certificateFace";
import { checkFree, complete, nowOf } from "./complete";
import { mismatch, readImport } from "./content";
import { importPolicy } from "./importPolicy";
import { begunAnswer } from "./pending";
import type { Pending } from "./pendingTable";
import { type CertificatePolicy, readPolicy } from "./policy";
import type { SettingTable } from "./settingTable";
import { requestCertificate, selfSign } from "./x509";

/** The key that a new version gets: the last one's where the policy says so and it fits, else a new one. */
async function keyFor(key: ObjectKey, policy: CertificatePolicy, { objects }: CertificateParts): Promise<KeyMaterial> {
  const { kty, key_size: bits, crv, reuse_key: reuse } = policy.key_props;
  const last = reuse ? objects.find({ ...key, kind: "key" }) : undefined;
  if (last !== undefined) {
    const material = importMaterial(objects.material(last));
    const size = material.privateKey.asymmetricKeyDetails?.modulusLength;
    if (kty === "RSA" ? size === bits : material.curve?.name === crv) return material;
  }
  return kty === "RSA" ? generateRsa(bits) : generateEc(CURVES[(crv ?? "P-256") as CurveName]);
}

/** Throws for an issuer that is neither the key itself nor somebody outside. */
function checkIssuer(name: string, vault: string, settings: SettingTable): void {
  if (name === "Self" || name === "Unknown") return;
  if (settings.find(vault, "issuer", name) === undefined) {
    throw badParameter(
      `The certificate issuer '${name}' is not known to this key vault: Self, Unknown, or one set up.`,
    );
  }
  throw notSimulated(`the certificate authority behind the issuer '${name}'`);
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
    if ((body.policy ?? undefined) === undefined && standing === undefined) {
      throw badParameter("Property policy has invalid value: a new certificate needs one.");
    }
    const policy = readPolicy(body.policy ?? {}, scene.vault, body.policy ? undefined : standing);
    checkIssuer(policy.issuer.name, key.vault, settings);
    checkFree(key, parts);
    const material = await keyFor(key, policy, parts);
    // Making a key takes a while, in which another call may have come.
    checkFree(key, parts);
    const self = policy.issuer.name === "Self";
    const making: Pending = {
      vault: key.vault,
      name: key.name,
      version: ids.hex(16),
      requestId: ids.hex(16),
      status: self ? "completed" : "inProgress",
      cancellationRequested: false,
      csr: requestCertificate(policy.x509_props, material).toString("base64"),
      policy,
      attributes,
      ...(tags ? { tags } : {}),
      created: nowOf(parts),
    };
    store.transaction(() => {
      if (self) {
        const serial = Buffer.from(ids.hex(16), "hex");
        const certificate = selfSign(policy.x509_props, material, clock.now(), serial);
        complete(key, { version: making.version, policy, attributes, tags, chain: [certificate], material }, parts);
      } else if (objects.find(key)) keepPolicy(key, policy, parts);
      pending.save(making, self ? undefined : material);
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
      return complete(key, { ...completed, chain: [leaf, ...above] }, parts);
    });
    return { status: 200, body: face.bundle(object, scene) };
  };
  return [
    { name: "CreateCertificate", method: "POST", path: "/certificates/:name/create", handle: create },
    { name: "ImportCertificate", method: "POST", path: "/certificates/:name/import", handle: take },
  ];
}
