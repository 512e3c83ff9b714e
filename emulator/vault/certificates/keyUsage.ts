import type { KeyUsage } from "../../../certs/extensions";
import { defaultKeyOps, type KeyDetail, type KeyOp } from "../keys/keyDetail";

const OPS: Readonly<Record<KeyUsage, readonly KeyOp[]>> = Object.freeze({
  digitalSignature: ["sign", "verify"],
  nonRepudiation: ["sign", "verify"],
  keyEncipherment: ["wrapKey", "unwrapKey"],
  dataEncipherment: ["encrypt", "decrypt"],
  keyAgreement: [],
  keyCertSign: ["sign", "verify"],
  cRLSign: ["sign", "verify"],
  encipherOnly: ["encrypt"],
  decipherOnly: ["decrypt"],
});

/**
 * What the key of a certificate may be used for ("About Azure Key Vault certificates", Mapping X.509 usage to key
 * operations): what the usages of the certificate allow, of that which such a key can do. Without usages all of it.
 */
export function keyOpsOf(usages: readonly KeyUsage[], kty: KeyDetail["kty"]): readonly KeyOp[] {
  const possible = defaultKeyOps(kty);
  const allowed = usages.flatMap((usage) => OPS[usage]);
  return usages.length === 0 ? possible : possible.filter((op) => allowed.includes(op));
}
