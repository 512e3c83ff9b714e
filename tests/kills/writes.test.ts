import assert from "node:assert/strict";
import { killedWrites } from "../cast/kills/killedWrites";

const SEED = Number(process.env.KILLS_SEED || 1);
const KILLS = Number(process.env.KILLS || 50);

describe(`the local Azure under ${KILLS} kills while clients write (seed ${SEED})`, () => {
  it("keeps every acknowledged write whole, and goes on with the same store", async () => {
    const { findings, acknowledged, unanswered, readBack } = await killedWrites({ seed: SEED, kills: KILLS });
    process.stdout.write(
      `    ${acknowledged} acknowledged writes, ${unanswered} under way at a kill, ${readBack} read back\n`,
    );
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(acknowledged > KILLS && unanswered > 0);
  });
});
