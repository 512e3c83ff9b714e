import assert from "node:assert/strict";
import { killedUps } from "../cast/kills/killedUps";

const SEED = Number(process.env.KILLS_SEED || 1);
const KILLS = Number(process.env.KILLS || 50);

describe(`npm run up and npm run down under ${KILLS} kills (seed ${SEED})`, () => {
  it("go on each time, to the whole environment and nothing twice", async () => {
    const print = (line: string): void => void process.stdout.write(`    ${line}\n`);
    const { findings, kills, continued, missed } = await killedUps({ seed: SEED, kills: KILLS, print });
    print(`${kills} kills, ${continued} gone on from, ${missed} commands that ended before`);
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.equal(continued, KILLS);
  });
});
