import { OperatorError } from "../operatorError";
import { fingerprintOf } from "../transcript/ed25519";
import type { OperatorCommand } from "./operatorCommand";

/**
 * Export-TranscriptKey: the public keys of instances, by which an auditor verifies transcripts. Private keys are not exported:
 * whoever had one could forge transcripts.
 */
export const exportTranscriptKey: OperatorCommand = {
  name: "Export-TranscriptKey",
  about:
    "Returns the public keys that verify the transcripts of an instance, the newest last. Default: of all instances.",
  parameters: [
    {
      name: "Instance",
      type: "String",
      about: "Name of an instance.",
      position: 0,
      pattern: /^[a-z][a-z0-9-]{0,30}$/,
      complete: async ({ store }) => (await store.list("instances/")).map((name) => name.slice("instances/".length)),
    },
  ],
  role: "administrator",
  isUnlockedOnly: true,
  example: "Export-TranscriptKey",
  async run({ Instance: wanted }, { store }) {
    const names = typeof wanted === "string" ? [`instances/${wanted}`] : await store.list("instances/");
    const found = await Promise.all(
      names.map(async (name) => {
        const keys = ((await store.read(name))?.value.keys ?? []) as readonly string[];
        const instance = name.slice("instances/".length);
        return keys.map((publicKey) => ({ instance, publicKey, fingerprint: fingerprintOf(publicKey) }));
      }),
    );
    const value = found.flat();
    if (value.length === 0) {
      const remedy = "Export-TranscriptKey without a name returns the keys of all instances";
      throw new OperatorError("NotFound", `No instance ${wanted} has published a key.`, remedy);
    }
    return { value, text: value.map(({ instance, publicKey }) => `${publicKey} ${instance}`).join("\n") };
  },
};
