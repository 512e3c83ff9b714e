import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { storedJournals } from "../../cli/fleet/claimedShard";
import { reportOf } from "../../cli/fleet/fleetReport";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { type Ended, ended } from "../cast/ended";
import { startTestAzure } from "../cast/localAzure";

const ROOT = resolve(__dirname, "../..");
const DEVICES = 20;
const SHARED = 5;
const INTERMEDIATE = "certs/azure-iot-test-only.intermediate.cert.pem";

/** The journal's lines that are whole. */
const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];

describe("zero-touch fleet, against the local Azure", function () {
  this.timeout(300_000);
  let environment: DeviceEnvironment;
  let folder: string;

  before(async () => {
    environment = await DeviceEnvironment.open(await startTestAzure());
    folder = join(environment.folder, "fleet");
    mkdirSync(folder);
    environment.chain("fleet/issuer.pem", INTERMEDIATE, "certs/azure-iot-test-only.root.ca.cert.pem");
    const { status, text } = await environment.service("PUT", "/enrollmentGroups/fleet", {
      enrollmentGroupId: "fleet",
      attestation: {
        type: "x509",
        x509: { signingCertificates: { primary: { certificate: environment.read(INTERMEDIATE) } } },
      },
    });
    assert.equal(status, 200, text);
  });

  after(() => environment?.close());

  const issuer = (): string[] => [
    ...["--issuer", join(folder, "issuer.pem")],
    ...["--issuer-key", join(environment.folder, "private/azure-iot-test-only.intermediate.key.pem")],
  ];

  const command = (args: readonly string[]): string[] => [
    join(ROOT, "cli", "zero-touch.cjs"),
    "fleet",
    "--id-scope",
    environment.idScope,
    ...args,
  ];

  const fleet = (...args: string[]): Promise<Ended> => ended(process.execPath, command(args), environment.azure.env);

  const registered = async (): Promise<number> => {
    const { body } = await environment.service("POST", "/registrations/fleet/query", { query: "SELECT *" });
    return (body as readonly unknown[]).length;
  };

  it("continues after kill -9, and does nothing when all is done", async () => {
    const out = join(folder, "killed");
    const journal = join(out, "journal.jsonl");
    const options = ["--count", String(DEVICES), "--out", out, "--messages", "2", "--interval", "1", ...issuer()];
    // A run lasts a second longer than its last registration, so this one does not end before it is killed.
    const first = spawn(process.execPath, command([...options, "--concurrency", "2"]), {
      env: environment.azure.env,
      stdio: "ignore",
    });
    const exit = once(first, "exit");
    while (linesOf(journal).filter((line) => line.includes('"registered"')).length < 5 && first.exitCode === null) {
      await pause(20);
    }
    first.kill("SIGKILL");
    assert.deepEqual(await exit, [null, "SIGKILL"]);
    const before = linesOf(journal);

    const second = await fleet(...options);
    assert.equal(second.code, 0, second.stderr + second.out);
    assert.match(second.out, new RegExp(`^${DEVICES} of ${DEVICES} devices registered .*, 0 failed, 0 left\\.`));
    const after = linesOf(journal);
    assert.deepEqual(after.slice(0, before.length), before);
    const entries = after.map((line) => JSON.parse(line) as { event: string; index?: number });
    const indices = entries.filter(({ event }) => event === "registered").map(({ index }) => index);
    assert.equal(indices.length, DEVICES);
    assert.equal(new Set(indices).size, DEVICES);
    assert.equal(await registered(), DEVICES);
    const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
    assert.deepEqual(report.hubs, { [environment.hubHost]: DEVICES });
    assert.equal(report.messages, 2 * DEVICES);

    const third = await fleet(...options);
    assert.equal(third.code, 0, third.stderr);
    assert.match(third.out, new RegExp(`^Nothing is left to do .*\\n${DEVICES} of ${DEVICES} `));
    assert.equal(linesOf(journal).length, after.length + 1);
    assert.equal(await registered(), DEVICES);
    assert.equal(statSync(join(out, "certificates", "devices", "fleet-000001.pem")).mode & 0o777, 0o600);
    assert.doesNotMatch(after.join() + second.stderr + second.out, /PRIVATE KEY/);
  });

  it("runs shards as processes, and merges their reports", async () => {
    const out = join(folder, "shards");
    const options = ["--count", String(SHARED), "--prefix", "shard-", "--out", out, "--messages", "0", ...issuer()];
    const runs = await Promise.all(["0/2", "1/2"].map((shard) => fleet(...options, "--shard", shard)));
    for (const { code, out: text, stderr } of runs) assert.equal(code, 0, stderr + text);
    const merged = await ended(
      process.execPath,
      [join(ROOT, "cli", "zero-touch.cjs"), "fleet", "report", out, "--json"],
      environment.azure.env,
    );
    assert.equal(merged.code, 0, merged.stderr);
    const report = JSON.parse(merged.out);
    assert.deepEqual(report.shards, ["0/2", "1/2"]);
    assert.deepEqual([report.devices, report.registered, report.left, report.messages], [SHARED, SHARED, 0, 0]);
    assert.equal(await registered(), DEVICES + SHARED);
  });

  it("lets processes without an index claim a shard each, without overlap and without gap", async () => {
    const store = join(folder, "store.db");
    const count = 7;
    const options = ["--count", String(count), "--prefix", "claim-", "--messages", "0", ...issuer()];
    const shared = [...options, "--store", store, "--shards", "3"];
    // Each with a disk of its own, as replicas of a Container Apps job.
    const run = (name: string): Promise<Ended> => fleet(...shared, "--out", join(folder, name));
    for (const { code, out, stderr } of await Promise.all(["replica-1", "replica-2", "replica-3"].map(run))) {
      assert.equal(code, 0, stderr + out);
    }
    const journals = await storedJournals(store);
    assert.ok(journals);
    const report = reportOf(journals);
    assert.deepEqual(report.shards, ["0/3", "1/3", "2/3"]);
    assert.deepEqual([report.devices, report.registered, report.failed, report.left], [count, count, 0, 0]);
    const folders = ["replica-1", "replica-2", "replica-3"].flatMap((name) => readdirSync(join(folder, name)));
    assert.deepEqual(folders.sort(), ["shard-0-of-3", "shard-1-of-3", "shard-2-of-3"]);
    assert.equal(await registered(), DEVICES + SHARED + count);
  });

  it("ends with 1, and says how to fix it, when devices are refused", async () => {
    const manifest = join(folder, "killed", "certificates", "manifest.jsonl");
    assert.equal((await environment.service("DELETE", "/enrollmentGroups/fleet")).status, 204);
    const options = ["--manifest", manifest, "--count", "3", "--out", join(folder, "refused")];
    const { code, out, stderr } = await fleet(...options);
    assert.equal(code, 1, stderr);
    assert.match(out, /^0 of 3 devices registered .*, 3 failed, 0 left\./);
    assert.match(out, /Failed with 40\d{4}: 3 devices\.\n {2}To fix: /);
  });
});
