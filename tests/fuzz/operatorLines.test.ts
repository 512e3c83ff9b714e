import assert from "node:assert/strict";
import { fuzzOperatorLines } from "../cast/fuzz/operatorLineFuzzer";

const SEED = Number(process.env.FUZZ_SEED || 1);
const LINES = Number(process.env.FUZZ_REQUESTS || 10_000);

describe(`the operator endpoint under ${LINES} mutated command lines (seed ${SEED})`, () => {
  it("records each of them, runs only commands, and starts no process", async () => {
    const { findings, refused, ran } = await fuzzOperatorLines({ seed: SEED, count: LINES });
    process.stdout.write(`    ${refused} refused, ${ran} commands ran\n`);
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(refused > 0 && ran > 0);
  });
});
