import { strict as assert } from "node:assert";
import { issueRoot } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../../certs/keys";
import { KeySigner } from "../../../../certs/signer";
import { RecentCredentials } from "../../../../cli/fleet/recentCredentials";

/** Credentials, and how often they were read. */
async function credentials() {
  const key = await generateKeyPair("EC-P256");
  const certificate = await issueRoot({ commonName: "device", signer: new KeySigner(key) });
  const reads: string[] = [];
  const read = async (id: string) => {
    reads.push(id);
    return { certificateChain: certificate.toPem(), privateKey: exportPrivateKey(key) };
  };
  return { reads, read };
}

describe("recent credentials of a fleet", () => {
  it("are parsed once for two connections, and kept for few devices", async () => {
    const { reads, read } = await credentials();
    const recent = new RecentCredentials(read, undefined, 2);
    const first = await recent.of("a");
    assert.equal(await recent.of("a"), first);
    assert.notEqual(await recent.of("a"), first);
    assert.deepEqual(reads, ["a", "a"]);
    for (const id of ["b", "c"]) await recent.of(id);
    await recent.of("a");
    assert.deepEqual(reads, ["a", "a", "b", "c", "a"]);
  });

  it("are not kept where a limit says so", async () => {
    const { reads, read } = await credentials();
    const recent = new RecentCredentials(read, undefined, 0);
    await recent.of("a");
    await recent.of("a");
    assert.deepEqual(reads, ["a", "a"]);
  });
});
