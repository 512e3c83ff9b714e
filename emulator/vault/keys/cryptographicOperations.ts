import type { JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import { type Operation, ok } from "../../kernel/operation";
import type { Lifetimes } from "../lifetimes";
import { existing } from "../objects/existingObject";
import { objectId } from "../objects/objectDefinition";
import { bytesOf, readBody } from "../objects/objectRequest";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorized } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { type InnerError, vaultError } from "../vaultErrors";
import { type CryptoKey, decryptWith, encryptWith, signWith, verifyWith } from "./keyCryptography";
import { curveNameOf, type KeyOp, keyDetail } from "./keyDefinition";
import { importMaterial, type KeyMaterial } from "./keyMaterial";

/**
 * Throws 403 for an operation that the version does not allow now: disabled, without the operation in `key_ops`, before `nbf` or
 * from `exp` on. Decrypt, unwrap and verify are allowed outside of that time ("About keys").
 */
function checkUse(object: ObjectVersion, op: KeyOp, now: number): void {
  const { enabled, nbf, exp } = object.attributes;
  const refuse = (inner: InnerError, why: string): Error =>
    vaultError(403, "Forbidden", `Operation ${op} is not ${why}.`, { inner });
  if (!enabled) throw refuse("KeyDisabled", "allowed on a disabled key");
  if (!keyDetail(object).keyOps.includes(op)) throw refuse("KeyOperationForbidden", "permitted on this key");
  if (op === "decrypt" || op === "unwrapKey" || op === "verify") return;
  if (nbf !== undefined && now < nbf) throw refuse("KeyNotYetValid", "allowed on a key that is not yet valid");
  if (exp !== undefined && now >= exp) throw refuse("KeyExpired", "allowed on an expired key");
}

/** Returns the response body of an operation; with `kid` where Azure adds it. */
type Work = (key: CryptoKey, body: JsonObject) => JsonObject;

const bytesBy =
  (work: (key: CryptoKey, alg: string, value: Buffer) => Buffer): Work =>
  (key, body) => ({
    kid: key.shape.kid,
    value: work(key, String(body.alg), bytesOf(body, "value")).toString("base64url"),
  });

const WORK: Readonly<Record<KeyOp, Work>> = Object.freeze({
  encrypt: bytesBy(encryptWith),
  decrypt: bytesBy(decryptWith),
  sign: bytesBy(signWith),
  verify: (key, body) => ({
    value: verifyWith(key, String(body.alg), bytesOf(body, "digest"), bytesOf(body, "value")),
  }),
  wrapKey: bytesBy(encryptWith),
  unwrapKey: bytesBy(decryptWith),
} satisfies Record<KeyOp, Work>);

/** The cryptographic operations of a key (REST reference, "Sign" to "Unwrap Key"), with a version or the latest. */
export function cryptographicOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  /** Cache by version: unsealing and parsing for every signature would cost more than the signature. */
  const known = new WeakMap<ObjectVersion, KeyMaterial>();
  const materialOf = (object: ObjectVersion): KeyMaterial => {
    const material = known.get(object) ?? importMaterial(deps.objects.material(object));
    known.set(object, material);
    return material;
  };
  return (Object.keys(WORK) as KeyOp[]).flatMap((op): Operation[] => {
    const handle = authorized({ kind: "key", action: op }, deps, async (request, { vault }) => {
      const { name = "", version = "" } = request.params;
      if (version === "") await lifetimes.applyDue({ vault: vault.key, kind: "key", name });
      const object = existing(request, vault.key, "key", deps);
      checkUse(object, op, unixSeconds(deps.clock));
      const detail = keyDetail(object);
      const shape = { kid: objectId(object, vault, true), kty: detail.kty, crv: curveNameOf(detail) };
      return ok(
        WORK[op](
          { shape, material: materialOf(object) },
          readBody(request, op === "verify" ? "keyVault.verify" : "keyVault.useKey"),
        ),
      );
    });
    const name = `${op.charAt(0).toUpperCase()}${op.slice(1)}`;
    return [
      { name, method: "POST", path: `/keys/:name/:version/${op.toLowerCase()}`, handle },
      { name: `${name} (latest)`, method: "POST", path: `/keys/:name/${op.toLowerCase()}`, handle },
    ];
  });
}
