import assert from "node:assert/strict";
import { killedDevices } from "../cast/kills/killedDevices";

const SEED = Number(process.env.KILLS_SEED || 1);
const KILLS = Number(process.env.KILLS || 20);

describe(`the local Azure under ${KILLS} kills while devices and a service talk (seed ${SEED})`, () => {
  it("delivers every acknowledged message, none after its completion, and keeps sessions, twins and feedback", async () => {
    const { findings, accepted, repeated, reported } = await killedDevices({ seed: SEED, kills: KILLS });
    process.stdout.write(
      `    ${accepted} messages acknowledged, ${repeated} deliveries repeated, ${reported} patches acknowledged\n`,
    );
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(accepted > KILLS && repeated > 0 && reported > 0);
  });
});
