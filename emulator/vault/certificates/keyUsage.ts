import type { KeyUsage } from "../../../certs/extensions";
import { defaultKeyOps, type KeyDetail, type KeyOp } from "../keys/keyDefinition";

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
 * Returns the operations of a certificate's key ("About Azure Key Vault certificates", Mapping X.509 usage to key
 * operations): those that both the key type and the certificate's key usages allow. Without key usages: all of the key type.
 */
export function keyOpsOf(usages: readonly KeyUsage[], kty: KeyDetail["kty"]): readonly KeyOp[] {
  const possible = defaultKeyOps(kty);
  const allowed = usages.flatMap((usage) => OPS[usage]);
  return usages.length === 0 ? possible : possible.filter((op) => allowed.includes(op));
}
