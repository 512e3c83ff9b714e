import assert from "node:assert/strict";
import { killedEvents } from "../cast/kills/killedEvents";

const SEED = Number(process.env.KILLS_SEED || 1);
const KILLS = Number(process.env.KILLS || 20);

describe(`the local Azure under ${KILLS} kills while devices send (seed ${SEED})`, () => {
  it("has every acknowledged message in Event Hubs, in order in its partition", async () => {
    const { findings, acknowledged, unanswered, read } = await killedEvents({ seed: SEED, kills: KILLS });
    process.stdout.write(`    ${acknowledged} acknowledged, ${unanswered} under way at a kill, ${read} read\n`);
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(acknowledged > KILLS && read >= acknowledged);
  });
});
