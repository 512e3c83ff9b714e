import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RunningEndpoint } from "../../operator/operatorEndpoint";
import { publishedFingerprints } from "../../operator/transcript/instanceKey";
import { verifyTranscript } from "../../operator/transcript/transcriptVerification";
import { LEASE_SECONDS } from "../../operator/transcript/transcriptWriter";
import { TestEndpoint } from "../cast/operator/testEndpoint";

const PROGRAM = join(__dirname, "../cast/operator/endpointProcess.cjs");

describe("an instance of the operator endpoint that ends in mid-command", () => {
  // Behind the first instance's clock by as much as its leases last, so that the test need not wait for their end.
  const clock = { now: () => new Date(Date.now() + LEASE_SECONDS * 1000) };
  const endpoint = new TestEndpoint({ clock });
  let child: ChildProcess;
  let killed: Pick<RunningEndpoint, "port" | "hostKeys">;

  before(async () => {
    await endpoint.addUser("ada", "administrator");
    await endpoint.addUser("otto");
    const state = join(endpoint.folder, "killed");
    const started = spawn(process.execPath, [PROGRAM, join(endpoint.folder, "store.db"), state], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    for await (const line of createInterface(started.stdout)) {
      killed = JSON.parse(line) as typeof killed;
      break;
    }
    await endpoint.start("zt02");
  });
  after(() => endpoint.close());

  it("leaves a session that another one goes on with, its transcript whole", async () => {
    const target = endpoint.target("ada", killed);
    const first = endpoint.terminal("ada", target);
    await first.prompt();
    await first.line("Get-Help Exit");
    first.type("Wait-Forever\r");
    await first.until("waiting");
    child.kill("SIGKILL");
    await first.ended;

    const other = endpoint.target("otto", endpoint.running("zt02"));
    const stranger = endpoint.terminal("otto", other);
    assert.ok(!(await stranger.prompt()).includes("has lost its instance"), "the session of another user");
    stranger.type("Exit\r");
    await stranger.ended;

    const second = endpoint.terminal("ada", endpoint.target("ada", endpoint.running("zt02")));
    assert.match(
      await second.until('(default is "Y"): '),
      /The session [0-9a-f]{32} of .* has lost its instance, killed\./,
    );
    second.type("\r");
    const shown = await second.prompt();
    assert.match(shown, /You go on with the session\. It is locked\./);
    assert.match(shown, /the outcome is unknown: Wait-Forever/);
    assert.match(await second.line("Get-Command Exit"), /Exit {2}Ends/);
    second.type("Exit\r");
    assert.equal(await second.ended, 0);

    const entries = await endpoint.lastTranscript("ada");
    assert.deepEqual(
      entries.map(({ kind, data }) => [kind, data.line ?? data.progress ?? data.reason ?? ""]),
      [
        ["opened", ""],
        ["command", "Get-Help Exit"],
        ["output", ""],
        ["command", "Wait-Forever"],
        ["output", "waiting"],
        ["takenOver", ""],
        ["command", "Get-Command Exit"],
        ["output", ""],
        ["command", "Exit"],
        ["output", ""],
        ["closed", "Exit"],
      ],
    );
    const { store } = endpoint;
    const bytes = await store.readLog(`transcripts/${entries[0]?.data.session}`);
    const trusted = await publishedFingerprints(store);
    const verified = verifyTranscript(bytes ?? assert.fail(), { trusted, mustBeSealed: false });
    assert.equal(verified.instances.length, 2);
  });
});

describe("instances of the operator endpoint that are stopped and started", () => {
  const endpoint = new TestEndpoint();
  before(() => endpoint.addUser("ada", "administrator"));
  after(() => endpoint.close());

  it("offer the sessions of a stopped instance at once, and open a new one for a no", async () => {
    const stopped = await endpoint.start("zt01");
    const first = endpoint.terminal("ada");
    await first.prompt();
    await stopped.close();
    await first.ended;
    await endpoint.start("zt02");
    const target = endpoint.target("ada", endpoint.running("zt02"));
    const second = endpoint.terminal("ada", target);
    await second.until('(default is "Y"): ');
    second.type("n\r");
    await second.prompt();
    second.type("Exit\r");
    await second.ended;
    const third = endpoint.terminal("ada", target);
    await third.until('(default is "Y"): ');
    third.type("y\r");
    await third.prompt();
    third.type("\u0004");
    assert.equal(await third.ended, 0);
    const fourth = endpoint.terminal("ada", target);
    assert.ok(!(await fourth.prompt()).includes("has lost its instance"));
    fourth.kill();
    const kinds = (await endpoint.transcripts()).map((entries) => entries.map(({ kind }) => kind).join(" "));
    assert.ok(kinds.includes("opened takenOver closed"), kinds.join("; "));
  });
});
