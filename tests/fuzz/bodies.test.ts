import assert from "node:assert/strict";
import { sweepBodies } from "../cast/fuzz/requestFuzzer";

const SEED = Number(process.env.FUZZ_SEED || 1);

describe(`the local Azure under bodies with one odd value (seed ${SEED}: one of ten shares)`, () => {
  it("returns no error of its own, is never slow, and stores nothing invalid", async () => {
    const { findings, statuses, readBack } = await sweepBodies({ seed: SEED });
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(readBack > 0 && (statuses.get(400) ?? 0) > 0);
  });
});
