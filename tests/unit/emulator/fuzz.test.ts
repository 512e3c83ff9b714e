import assert from "node:assert/strict";
import { fuzzRequests } from "../../cast/fuzz/requestFuzzer";

describe("the local Azure under mutated requests", () => {
  it("returns no error of its own, is never slow, and stores nothing invalid (npm run test:fuzz sends more)", async () => {
    const { findings, statuses, readBack } = await fuzzRequests({ seed: 1, count: 400 });
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(readBack > 0 && (statuses.get(400) ?? 0) > 0);
  });
});
