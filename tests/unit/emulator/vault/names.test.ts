import assert from "node:assert/strict";
import fc from "fast-check";
import { type VaultHarness, vaultHarness } from "../../../cast/vaultHarness";

describe("names of a vault's objects", () => {
  let harness: VaultHarness;
  before(async () => {
    harness = await vaultHarness();
  });
  after(() => harness.close());
  const set = (name: string) => harness.vault("PUT", `/secrets/${encodeURIComponent(name)}`, { value: "x" });

  it("are 1 to 127 letters, digits and hyphens, and nothing else is", async () => {
    const right = fc.stringMatching(/^[A-Za-z0-9-]{1,127}$/);
    const any = fc.string({ minLength: 1, maxLength: 140, unit: "grapheme" }).filter((name) => !/^\.{1,2}$/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.oneof(right, any), async (name) => {
        const { status, body } = await set(name);
        if (/^[A-Za-z0-9-]{1,127}$/.test(name)) return assert.equal(status, 200);
        assert.equal(status, 400);
        assert.equal((body as { error: { code: string } }).error.code, "BadParameter");
      }),
      { numRuns: 60 },
    );
  });

  it("are the same in any letter case, and keep the one they were made in", async () => {
    const { body } = await set("Some-Name");
    const again = await set("SOME-NAME");
    const ids = [body, again.body].map((each) => (each as { id: string }).id);
    for (const id of ids) assert.match(id, /\/secrets\/Some-Name\/[0-9a-f]{32}$/);
    const read = await harness.vault("GET", "/secrets/some-name");
    assert.equal((read.body as { id: string }).id, ids[1]);
  });
});
