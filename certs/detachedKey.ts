import { createPrivateKey, type KeyObject } from "node:crypto";

/**
 * The same private key, apart from the job of node:crypto that generated it. Node 20 locks a key when it collects the key's job,
 * and the thread waits for itself forever if it collects the job while the key is exported as a JWK or its details are read.
 */
export const detachedKey = (generated: KeyObject): KeyObject =>
  createPrivateKey({ key: generated.export({ type: "pkcs8", format: "der" }), format: "der", type: "pkcs8" });
