import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { dateOf, secondsOf, unixSeconds } from "../../kernel/clock";
import { type Operation, ok } from "../../kernel/operation";
import { checkNotManaged, checkWritable, existing, notFound } from "../objects/existingObject";
import { idOf } from "../objects/objectDefinition";
import { readBody } from "../objects/objectRequest";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { missedMoments, PolicyFollower } from "../objects/policyFollower";
import { authorized, type VaultRequestContext } from "../vaultAuthorization";
import type { VaultDependencies, WithObjects } from "../vaultDependencies";
import { CURVES } from "./curves";
import { curveNameOf, detailOf, KEY_DEFINITION, keyDetail } from "./keyDefinition";
import { exportMaterial, generateEc, generateRsa, type KeyMaterial } from "./keyMaterial";
import { DEFAULT_POLICY, expiryOf, type RotationPolicy, readRotationPolicy, rotationDue } from "./keyRotationPolicy";

/** A key's policy with the times of creation and last change, in seconds since 1970. */
export interface StoredPolicy extends RotationPolicy {
  readonly created: number;
  readonly updated: number;
}

/** Returns the policy set on a key; undefined by default. */
export function storedRotationPolicy(key: ObjectKey, { objects }: WithObjects): StoredPolicy | undefined {
  const stored = objects.about(key).rotationPolicy;
  return isObject(stored) ? (stored as unknown as StoredPolicy) : undefined;
}

const secondsIfSet = (date: Date | undefined): number | undefined => date && secondsOf(date);

/** Returns the expiry of a version created at `created` by the key's policy; both in seconds since 1970. */
export function policyExpiry(key: ObjectKey, created: number, deps: WithObjects): number | undefined {
  return secondsIfSet(expiryOf(storedRotationPolicy(key, deps) ?? DEFAULT_POLICY, dateOf(created)));
}

/** Generates a key of the same kind. */
function generateLike(object: ObjectVersion): Promise<KeyMaterial> {
  const detail = keyDetail(object);
  const name = curveNameOf(detail);
  if (name !== undefined) return generateEc(CURVES[name]);
  const modulus = detail.jwk.kty === "RSA" ? Buffer.from(detail.jwk.n, "base64url") : Buffer.alloc(0);
  return generateRsa(modulus.length * 8);
}

/** Rotates keys of vaults, on request and by policy. */
export class Rotation {
  readonly #follower: PolicyFollower;

  constructor(private readonly deps: Pick<VaultDependencies, "objects" | "clock" | "database">) {
    const policy = { due: (latest: ObjectVersion) => this.#due(latest), addDue: this.#addDue.bind(this) };
    this.#follower = new PolicyFollower(policy, deps.clock);
  }

  /** Adds a version like the latest. Throws 409 for a key that was deleted meanwhile, 404 for one that was purged. */
  async rotate(latest: ObjectVersion): Promise<ObjectVersion> {
    const material = await generateLike(latest);
    checkWritable(latest, this.deps);
    const { objects, clock } = this.deps;
    if (objects.find(latest) === undefined) throw notFound("key", latest.name);
    return this.#add(latest, material, unixSeconds(clock));
  }

  /** Adds the versions of a key that are due by its policy. */
  async follow(key: ObjectKey): Promise<void> {
    const latest = this.deps.objects.find(key);
    if (latest && !latest.managed) await this.#follower.follow(latest);
  }

  /** `made` in seconds since 1970: a missed rotation is backdated. */
  #add(latest: ObjectVersion, material: KeyMaterial, made: number): ObjectVersion {
    const expiry = policyExpiry(latest, made, this.deps);
    return this.deps.objects.add(latest, {
      attributes: expiry === undefined ? {} : { exp: expiry },
      tags: latest.tags,
      detail: detailOf(material, keyDetail(latest).keyOps),
      material: exportMaterial(material),
      times: { created: made, updated: made },
    });
  }

  async #addDue(latest: ObjectVersion, first: number): Promise<void> {
    const { objects, clock, database } = this.deps;
    const policy = storedRotationPolicy(latest, this.deps);
    if (policy === undefined) return;
    const next = (made: number): number | undefined => {
      const created = dateOf(made);
      return secondsIfSet(rotationDue(policy, created, expiryOf(policy, created)));
    };
    const moments = missedMoments(first, next, unixSeconds(clock));
    const materials = await Promise.all(moments.map(() => generateLike(latest)));
    // Another request may have changed the key during generation: keep its result.
    const isSame = JSON.stringify(storedRotationPolicy(latest, this.deps)) === JSON.stringify(policy);
    if (!isSame || objects.find(latest)?.version !== latest.version) return;
    database.transaction(() => {
      for (const [index, material] of materials.entries()) {
        this.#add(latest, material, moments[index] ?? unixSeconds(clock));
      }
    });
  }

  #due(latest: ObjectVersion) {
    const { created, exp } = latest.attributes;
    const policy = storedRotationPolicy(latest, this.deps);
    const expires = exp === undefined ? undefined : dateOf(exp);
    return policy && { at: secondsIfSet(rotationDue(policy, dateOf(created), expires)), set: policy.updated };
  }
}

/** Sets the policy of a key. */
export function saveRotationPolicy(key: ObjectKey, policy: RotationPolicy, deps: VaultDependencies): void {
  const { objects, clock } = deps;
  const updated = unixSeconds(clock);
  const created = storedRotationPolicy(key, { objects })?.created ?? updated;
  objects.setAbout(key, { ...objects.about(key), rotationPolicy: { ...policy, created, updated } });
}

function policyBody(key: ObjectKey, { vault }: VaultRequestContext, deps: VaultDependencies): JsonObject {
  const stored = storedRotationPolicy(key, deps);
  const { lifetimeActions, expiryTime } = stored ?? DEFAULT_POLICY;
  return {
    id: `${idOf(vault, "key", key.name)}/rotationpolicy`,
    lifetimeActions,
    attributes: { expiryTime, created: stored?.created, updated: stored?.updated },
  };
}

/** Rotate, and the rotation policy (REST reference, "Rotate Key", "Get" and "Update Key Rotation Policy"). */
export function rotationOperations(rotation: Rotation, deps: VaultDependencies): Operation[] {
  const rotate = authorized({ kind: "key", action: "rotate" }, deps, async (request, context) => {
    const latest = existing(request, context.vault.key, "key", deps);
    checkNotManaged(latest, "rotate");
    return ok(KEY_DEFINITION.bundle(await rotation.rotate(latest), context));
  });
  const getPolicy = authorized({ kind: "key", action: "getRotationPolicy" }, deps, (request, context) =>
    ok(policyBody(existing(request, context.vault.key, "key", deps), context, deps)),
  );
  const setPolicy = authorized({ kind: "key", action: "setRotationPolicy" }, deps, (request, context) => {
    const latest = existing(request, context.vault.key, "key", deps);
    checkNotManaged(latest, "update");
    saveRotationPolicy(latest, readRotationPolicy(readBody(request, "keyVault.rotationPolicy")), deps);
    return ok(policyBody(latest, context, deps));
  });
  const path = "/keys/:name/rotationpolicy";
  return [
    { name: "RotateKey", method: "POST", path: "/keys/:name/rotate", handle: rotate },
    { name: "GetKeyRotationPolicy", method: "GET", path, handle: getPolicy },
    { name: "UpdateKeyRotationPolicy", method: "PUT", path, handle: setPolicy },
  ];
}
