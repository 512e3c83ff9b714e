import type { Answer, Call, Operation } from "../../kernel/call";
import { unixSeconds } from "../../kernel/clock";
import { authorize, type Scene } from "../authorize";
import { isObject, type JsonObject } from "../objects/attributes";
import { checkNotManaged, existing } from "../objects/existing";
import { idOf } from "../objects/names";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultParts } from "../parts";
import { CURVES } from "./curves";
import { curveNameOf, detailOf, keyDetail } from "./keyDetail";
import { KEY_FACE } from "./keyFace";
import { exportMaterial, generateEc, generateRsa, type KeyMaterial } from "./material";
import { DEFAULT_POLICY, expiryOf, type RotationPolicy, readRotationPolicy, rotationDue } from "./rotationPolicy";

interface KeptPolicy extends RotationPolicy {
  readonly created: number;
  readonly updated: number;
}

function keptPolicy(key: ObjectKey, { objects }: Pick<VaultParts, "objects">): KeptPolicy | undefined {
  const kept = objects.about(key).rotationPolicy;
  return isObject(kept) ? (kept as unknown as KeptPolicy) : undefined;
}

const fromSeconds = (seconds: number): Date => new Date(seconds * 1000);

/** When a version made at `created` is to expire by the key's policy; both in seconds since 1970. */
export function policyExpiry(key: ObjectKey, created: number, parts: Pick<VaultParts, "objects">): number | undefined {
  const expiry = expiryOf(keptPolicy(key, parts) ?? DEFAULT_POLICY, fromSeconds(created));
  return expiry && Math.floor(expiry.getTime() / 1000);
}

/** A new key of the same kind. */
function alike(object: ObjectVersion): Promise<KeyMaterial> {
  const detail = keyDetail(object);
  const name = curveNameOf(detail);
  if (name !== undefined) return generateEc(CURVES[name]);
  const modulus = detail.jwk.kty === "RSA" ? Buffer.from(detail.jwk.n, "base64url") : Buffer.alloc(0);
  return generateRsa(modulus.length * 8);
}

/** Keys of vaults: rotated when asked, and when a policy says so. */
export class Rotation {
  readonly #parts: Pick<VaultParts, "objects" | "clock">;
  /** When the latest version is due, seconds since 1970: kept as long as the version is the one that was read. */
  readonly #due = new WeakMap<ObjectVersion, number>();
  /** Rotations that run, by key: two callers at once make one version. */
  readonly #running = new Map<string, Promise<ObjectVersion>>();

  constructor(parts: Pick<VaultParts, "objects" | "clock">) {
    this.#parts = parts;
  }

  /** Adds a version like the latest. */
  async rotate(latest: ObjectVersion): Promise<ObjectVersion> {
    const { objects, clock } = this.#parts;
    const material = await alike(latest);
    const expiry = policyExpiry(latest, unixSeconds(clock), this.#parts);
    return objects.add(latest, {
      attributes: expiry === undefined ? {} : { exp: expiry },
      tags: latest.tags,
      detail: detailOf(material, keyDetail(latest).keyOps),
      material: exportMaterial(material),
    });
  }

  /**
   * Follows the key's policy: adds a version when the latest is due. Azure does so on its own; here nothing runs in the
   * background, so it is done when somebody next looks at the key.
   */
  async follow(key: ObjectKey): Promise<void> {
    const latest = this.#parts.objects.find(key);
    if (latest === undefined || latest.managed || unixSeconds(this.#parts.clock) < this.#dueOf(latest)) return;
    const id = `${key.vault}/${key.name.toLowerCase()}`;
    const running = this.#running.get(id) ?? this.rotate(latest).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    await running;
  }

  #dueOf(latest: ObjectVersion): number {
    const known = this.#due.get(latest);
    if (known !== undefined) return known;
    const { created, exp } = latest.attributes;
    const policy = keptPolicy(latest, this.#parts) ?? DEFAULT_POLICY;
    const due = rotationDue(policy, fromSeconds(created), exp === undefined ? undefined : fromSeconds(exp));
    const seconds = due === undefined ? Number.POSITIVE_INFINITY : due.getTime() / 1000;
    this.#due.set(latest, seconds);
    return seconds;
  }
}

function policyBody(key: ObjectKey, { vault }: Scene, parts: VaultParts): JsonObject {
  const kept = keptPolicy(key, parts);
  const { lifetimeActions, expiryTime } = kept ?? DEFAULT_POLICY;
  return {
    id: `${idOf(vault, "key", key.name)}/rotationpolicy`,
    lifetimeActions,
    attributes: {
      ...(expiryTime === undefined ? {} : { expiryTime }),
      ...(kept === undefined ? {} : { created: kept.created, updated: kept.updated }),
    },
  };
}

/** Rotate, and the rotation policy (REST reference, "Rotate Key", "Get" and "Update Key Rotation Policy"). */
export function rotationOperations(rotation: Rotation, parts: VaultParts): Operation[] {
  const { objects, clock } = parts;
  const rotate = async (call: Call): Promise<Answer> => {
    const scene = authorize(call, { kind: "key", action: "rotate" }, parts);
    const latest = existing(call, scene.vault.key, "key", parts);
    checkNotManaged(latest, "rotate");
    return { status: 200, body: KEY_FACE.bundle(await rotation.rotate(latest), scene) };
  };
  const getPolicy = (call: Call): Answer => {
    const scene = authorize(call, { kind: "key", action: "getRotationPolicy" }, parts);
    return { status: 200, body: policyBody(existing(call, scene.vault.key, "key", parts), scene, parts) };
  };
  const setPolicy = (call: Call): Answer => {
    const scene = authorize(call, { kind: "key", action: "setRotationPolicy" }, parts);
    const latest = existing(call, scene.vault.key, "key", parts);
    checkNotManaged(latest, "update");
    const policy = readRotationPolicy(call.body);
    const now = unixSeconds(clock);
    const created = keptPolicy(latest, parts)?.created ?? now;
    objects.setAbout(latest, { ...objects.about(latest), rotationPolicy: { ...policy, created, updated: now } });
    return { status: 200, body: policyBody(latest, scene, parts) };
  };
  const path = "/keys/:name/rotationpolicy";
  return [
    { name: "RotateKey", method: "POST", path: "/keys/:name/rotate", handle: rotate },
    { name: "GetKeyRotationPolicy", method: "GET", path, handle: getPolicy },
    { name: "UpdateKeyRotationPolicy", method: "PUT", path, handle: setPolicy },
  ];
}
