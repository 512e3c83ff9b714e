import assert from "node:assert/strict";
import { fuzzFront } from "../cast/fuzz/frontFuzzer";

const SEED = Number(process.env.FUZZ_SEED || 1);
const ATTEMPTS = 1500;

describe(`the listeners under ${ATTEMPTS} attempts of mutated bytes (seed ${SEED})`, () => {
  it("end every connection, answer every CONNECT, and fail at nothing", async () => {
    const { findings, responses } = await fuzzFront({ seed: SEED, count: ATTEMPTS });
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(responses > ATTEMPTS / 3, `${responses} responses`);
  });
});
