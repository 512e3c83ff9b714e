import assert from "node:assert/strict";
import { fuzzOperatorLines } from "../../../cast/fuzz/operatorLineFuzzer";

describe("the operator endpoint under mutated command lines", () => {
  it("records each of them, runs only commands, and starts no process", async () => {
    const { findings, refused, ran } = await fuzzOperatorLines({ seed: 1, count: 300 });
    assert.deepEqual(findings, []);
    assert.ok(refused > 0 && ran > 0);
  });
});
