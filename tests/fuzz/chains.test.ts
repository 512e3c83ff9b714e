import assert from "node:assert/strict";
import { EXPLAINED, judgeChains } from "../cast/fuzz/chainJudges";

const SEED = Number(process.env.FUZZ_SEED || 1);
const CHAINS = 1000;

describe(`${CHAINS} generated certificate chains (seed ${SEED})`, () => {
  it("are judged as by openssl verify, but for the explained differences", async () => {
    const { accepted, explained, unexplained } = await judgeChains({ seed: SEED, count: CHAINS });
    process.stdout.write(`    ${accepted} accepted, ${explained} explained differences\n`);
    assert.deepEqual(unexplained, []);
    assert.ok(accepted > 0.3 * CHAINS && accepted < 0.7 * CHAINS, `${accepted} accepted`);
    assert.ok(explained > 0 && EXPLAINED.every(({ why }) => why !== ""));
  });
});
