import type { JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { Lifetimes } from "../lifetimes";
import { existing } from "../objects/existingObject";
import { objectId } from "../objects/objectDefinition";
import { objectBody } from "../objects/objectRequest";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { bytesOf, toBase64url } from "./base64url";
import { type CryptoKey, decryptWith, encryptWith, signWith, verifyWith } from "./keyCryptography";
import { curveNameOf, type KeyOp, keyDetail } from "./keyDetail";
import { importMaterial, type KeyMaterial } from "./keyMaterial";

/**
 * Cache of unsealed and parsed keys, by version: unsealing and parsing for every signature would cost more than the
 * signature.
 */
class OpenKeys {
  readonly #open = new WeakMap<ObjectVersion, KeyMaterial>();

  constructor(readonly deps: Pick<VaultDependencies, "objects">) {}

  materialOf(object: ObjectVersion): KeyMaterial {
    let material = this.#open.get(object);
    if (material === undefined) {
      material = importMaterial(this.deps.objects.material(object));
      this.#open.set(object, material);
    }
    return material;
  }
}

/**
 * Throws 403 for an operation that the version does not allow now: disabled, without the operation in `key_ops`, before `nbf` or
 * from `exp` on. Decrypt, unwrap and verify are allowed outside of that time ("About keys").
 */
function checkUse(object: ObjectVersion, op: KeyOp, now: number): void {
  const { enabled, nbf, exp } = object.attributes;
  if (!enabled)
    throw vaultError(403, "Forbidden", `Operation ${op} is not allowed on a disabled key.`, { inner: "KeyDisabled" });
  if (!keyDetail(object).keyOps.includes(op)) {
    throw vaultError(403, "Forbidden", `Operation ${op} is not permitted on this key.`, {
      inner: "KeyOperationForbidden",
    });
  }
  if (op === "decrypt" || op === "unwrapKey" || op === "verify") return;
  if (nbf !== undefined && now < nbf) {
    throw vaultError(403, "Forbidden", `Operation ${op} is not allowed on a key that is not yet valid.`, {
      inner: "KeyNotYetValid",
    });
  }
  if (exp !== undefined && now >= exp)
    throw vaultError(403, "Forbidden", `Operation ${op} is not allowed on an expired key.`, { inner: "KeyExpired" });
}

/** Returns the response body of an operation; with `kid` where Azure adds it. */
type Work = (key: CryptoKey, body: JsonObject) => JsonObject;

const WORK: Readonly<Record<KeyOp, Work>> = Object.freeze<Record<KeyOp, Work>>({
  encrypt: (key, body) => result(key, encryptWith(key, body.alg, bytesOf(body, "value"))),
  decrypt: (key, body) => result(key, decryptWith(key, body.alg, bytesOf(body, "value"))),
  sign: (key, body) => result(key, signWith(key, body.alg, bytesOf(body, "value"))),
  verify: (key, body) => ({ value: verifyWith(key, body.alg, bytesOf(body, "digest"), bytesOf(body, "value")) }),
  wrapKey: (key, body) => result(key, encryptWith(key, body.alg, bytesOf(body, "value"))),
  unwrapKey: (key, body) => result(key, decryptWith(key, body.alg, bytesOf(body, "value"))),
});

const result = ({ shape }: CryptoKey, value: Buffer): JsonObject => ({ kid: shape.kid, value: toBase64url(value) });

/** The cryptographic operations of a key (REST reference, "Sign" to "Unwrap Key"), with a version or the latest. */
export function useOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const keys = new OpenKeys(deps);
  const use = async (request: Request, op: KeyOp): Promise<Response> => {
    const { vault } = authorize(request, { kind: "key", action: op }, deps);
    const { name = "", version = "" } = request.params;
    if (version === "") await lifetimes.applyDue({ vault: vault.key, kind: "key", name });
    const object = existing(request, vault.key, "key", deps);
    checkUse(object, op, unixSeconds(deps.clock));
    const detail = keyDetail(object);
    const shape = { kid: objectId(object, vault, true), kty: detail.kty, crv: curveNameOf(detail) };
    return { status: 200, body: WORK[op]({ shape, material: keys.materialOf(object) }, objectBody(request)) };
  };
  return (Object.keys(WORK) as KeyOp[]).flatMap((op): Operation[] => {
    const name = `${op.charAt(0).toUpperCase()}${op.slice(1)}`;
    const handle = (request: Request): Promise<Response> => use(request, op);
    return [
      { name, method: "POST", path: `/keys/:name/:version/${op.toLowerCase()}`, handle },
      { name: `${name} (latest)`, method: "POST", path: `/keys/:name/${op.toLowerCase()}`, handle },
    ];
  });
}
