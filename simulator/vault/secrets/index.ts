import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize } from "../authorize";
import { badParameter, vaultError } from "../errors";
import { objectBody, objectOperations } from "../objects";
import { readAttributes, readTags } from "../objects/attributes";
import { checkNotManaged, checkWritable, existing } from "../objects/existing";
import { nameOf } from "../objects/names";
import type { ObjectVersion } from "../objects/vaultObjects";
import type { VaultParts } from "../parts";
import { readContentType, SECRET_FACE } from "./secretFace";

/** Octets of a secret (Azure documentation, "About Key Vault secrets"). */
const VALUE_LIMIT = 25 * 1024;

/**
 * Throws 403 for a disabled secret: its value is not given out. `nbf` and `exp` keep nobody from it: they tell clients what
 * to expect, and an expired secret can be read to recover what it opens (Azure documentation, "About Key Vault secrets").
 */
function checkReadable({ attributes }: ObjectVersion): void {
  if (attributes.enabled) return;
  throw vaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", { inner: "SecretDisabled" });
}

function set(call: Call, parts: VaultParts): Answer {
  const scene = authorize(call, { kind: "secret", action: "set" }, parts);
  const key = { vault: scene.vault.key, kind: "secret", name: nameOf(call) } as const;
  const body = objectBody(call);
  const { value } = body;
  if (typeof value !== "string") throw badParameter("Property value must be a text: the secret.");
  const material = Buffer.from(value, "utf8");
  if (material.length > VALUE_LIMIT) {
    throw badParameter(`Property value has ${material.length} octets: a secret has at most ${VALUE_LIMIT}.`);
  }
  const contentType = readContentType(body);
  const [attributes, tags] = [readAttributes(body.attributes), readTags(body.tags)];
  checkWritable(key, parts);
  const before = parts.objects.find(key);
  if (before) checkNotManaged(before, "set");
  const detail = contentType === undefined ? {} : { contentType };
  const secret = parts.objects.add(key, { attributes, tags, detail, material });
  return { status: 200, body: { value, ...SECRET_FACE.bundle(secret, scene) } };
}

function get(call: Call, parts: VaultParts): Answer {
  const scene = authorize(call, { kind: "secret", action: "get" }, parts);
  const secret = existing(call, scene.vault.key, "secret", parts);
  checkReadable(secret);
  const value = parts.objects.material(secret).toString("utf8");
  return { status: 200, body: { value, ...SECRET_FACE.bundle(secret, scene) } };
}

/** Secrets (REST reference, "Secrets"). */
export const secretOperations = (parts: VaultParts): Operation[] => [
  { name: "SetSecret", method: "PUT", path: "/secrets/:name", handle: (call) => set(call, parts) },
  { name: "GetSecret (latest)", method: "GET", path: "/secrets/:name", handle: (call) => get(call, parts) },
  { name: "GetSecret", method: "GET", path: "/secrets/:name/:version", handle: (call) => get(call, parts) },
  ...objectOperations(SECRET_FACE, parts),
];
