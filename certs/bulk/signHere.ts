import { sign } from "node:crypto";
import type { PrivateKey } from "../keys";

/** A signature by a key of this process, at once, in the form that a {@link import("../signer").Signer} gives. */
export function signHere({ algorithm, key }: PrivateKey, data: Uint8Array): Buffer {
  return sign(algorithm.hash, data, { key, dsaEncoding: "ieee-p1363" });
}
