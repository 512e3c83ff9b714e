import assert from "node:assert/strict";
import { judgeChains } from "../../cast/fuzz/chainJudges";

describe("generated certificate chains", () => {
  it("are judged as by openssl verify (npm run test:fuzz judges 1,000)", async () => {
    const { accepted, unexplained } = await judgeChains({ seed: 1, count: 60 });
    assert.deepEqual(unexplained, []);
    assert.ok(accepted > 10 && accepted < 50, `${accepted} accepted`);
  });
});
