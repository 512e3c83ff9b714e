import type { JsonObject } from "../../../azure/wire/jsonObject";
import { commonBody, type ObjectDefinition, objectId } from "../objects/objectDefinition";
import type { ObjectVersion } from "../objects/objectVersion";
import type { VaultRequestContext } from "../vaultAuthorization";
import { badParameter, vaultError } from "../vaultErrors";
import type { CurveName } from "./curves";
import type { KeyMaterial, PublicJwk } from "./keyMaterial";

/** The operations of keys (JWK `key_ops`), in Azure's order. */
export const KEY_OPS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"] as const;

/** One use of a key. */
export type KeyOp = (typeof KEY_OPS)[number];

/** The public detail of a key's version. */
export interface KeyDetail {
  readonly kty: "RSA" | "EC";
  readonly jwk: PublicJwk;
  readonly keyOps: readonly KeyOp[];
  /** Whether the private key is exportable: only through the secret of a certificate, if its policy allows it. */
  readonly exportable: boolean;
}

/** The uses of a key that was given none. */
export const defaultKeyOps = (kty: KeyDetail["kty"]): readonly KeyOp[] =>
  kty === "RSA" ? KEY_OPS : ["sign", "verify"];

/** Reads `key_ops` of a body; undefined if absent. Throws 400 for unknown operations, or those not of this key type. */
export function readKeyOps(value: unknown, kty: KeyDetail["kty"]): readonly KeyOp[] | undefined {
  if (value === undefined || value === null) return undefined;
  const possible = defaultKeyOps(kty);
  const found = (value as string[]).map((name) => {
    const op = possible.find((each) => each === name);
    if (op !== undefined) return op;
    const known = KEY_OPS.some((each) => each === name);
    throw badParameter(
      known
        ? `Key operation '${name}' is not supported by a key of type '${kty}'.`
        : `Invalid key_ops value: ${name.slice(0, 40)}`,
    );
  });
  return [...new Set(found)];
}

/** Returns the `ObjectVersion.detail` of a key. */
export function detailOf({ jwk }: KeyMaterial, keyOps: readonly KeyOp[] | undefined, exportable = false): JsonObject {
  const { kty } = jwk;
  const detail: KeyDetail = { kty, jwk, keyOps: keyOps ?? defaultKeyOps(kty), exportable };
  return { ...detail };
}

/** The detail of a version of a key. */
export const keyDetail = (object: ObjectVersion): KeyDetail => object.detail as unknown as KeyDetail;

/** Returns Key Vault's name of an EC key's curve; undefined for RSA. */
export const curveNameOf = ({ jwk }: KeyDetail): CurveName | undefined =>
  jwk.kty === "EC" ? (jwk.crv as CurveName) : undefined;

/** The number of a software key as Azure logs it; that responses have the same is a guess. */
const SOFTWARE = "0";

const common = (object: ObjectVersion, context: VaultRequestContext): JsonObject =>
  commonBody(object, context, { exportable: keyDetail(object).exportable, hsmPlatform: SOFTWARE });

/** Keys on the wire (REST reference, KeyBundle and KeyItem): public keys only. */
export const KEY_DEFINITION: ObjectDefinition = Object.freeze<ObjectDefinition>({
  kind: "key",
  bundle(object, context) {
    const { keyOps, jwk } = keyDetail(object);
    const { kty, ...rest } = jwk;
    const kid = objectId(object, context.vault, true);
    return { key: { kid, kty, key_ops: keyOps, ...rest }, ...common(object, context) };
  },
  item: (object, context, versioned) => ({
    kid: objectId(object, context.vault, versioned),
    ...common(object, context),
  }),
  change(body, object) {
    checkReleasePolicy(body);
    const keyOps = readKeyOps(body.key_ops, keyDetail(object).kty);
    return keyOps === undefined ? undefined : { ...object.detail, keyOps };
  },
});

/** Throws 400 for a release policy: no key here is exportable (recorded: azure-sdk-for-js, keyvault-keys). */
export function checkReleasePolicy({ release_policy: policy }: JsonObject): void {
  if ((policy ?? undefined) === undefined) return;
  throw badParameter("AKV.SKR.1005: Non-exportable keys must not have release policy.");
}

/** 403: secure key release needs a key in an HSM, which no vault here has. */
export const notReleasable = (): Error =>
  vaultError(403, "Forbidden", "Key release needs an exportable key of type RSA-HSM or EC-HSM.", {
    inner: "KeyNotExportable",
  });
