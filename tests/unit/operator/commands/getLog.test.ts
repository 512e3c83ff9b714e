import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParameterValues } from "../../../../operator/commands/operatorCommand";
import { stackCommands } from "../../../../operator/commands/stackCommands";
import type { OperatorStore } from "../../../../operator/store/operatorStore";
import { daysFromNow, NOW } from "../../../cast/certs";
import { aContext, runCommand } from "../../../cast/operator/commandRun";
import { FakeAzureClients } from "../../../cast/operator/fakeAzureClients";
import { FakeStack } from "../../../cast/operator/fakeStack";
import { refused } from "../../../cast/operator/refusals";
import { TestStores } from "../../../cast/operator/testStores";

describe("Get-Log", () => {
  const stores = new TestStores();
  const folder = mkdtempSync(join(tmpdir(), "get-log-"));
  const localAzureLog = join(folder, "log");
  const endpointLog = join(folder, "endpoint.log");
  let azure: FakeAzureClients;
  let store: OperatorStore;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  let log: (parameters?: ParameterValues) => Promise<any>;

  beforeEach(async () => {
    const stack = await FakeStack.create();
    azure = new FakeAzureClients();
    store = stores.open();
    const commands = stackCommands({ stack, azure, localAzureLog, endpointLog });
    log = async (parameters = {}) => (await runCommand(commands, "Get-Log", parameters, aContext(store))).value;
    const lines = [
      JSON.stringify({ time: daysFromNow(-2).toISOString(), msg: "old" }),
      JSON.stringify({ time: NOW.toISOString(), msg: "refused", status: 401 }),
      '{"time":"2026-',
    ];
    writeFileSync(localAzureLog, lines.join("\n"));
    writeFileSync(endpointLog, JSON.stringify({ time: NOW.toISOString(), event: "sign-in refused", user: "eve" }));
    const lease = await store.createLog("transcripts/s1", 60);
    const entries = [
      { sequence: 0, time: NOW.toISOString(), kind: "opened", data: { user: "alice", key: "ssh-ed25519 AAAA" } },
      { sequence: 1, time: NOW.toISOString(), kind: "command", data: { command: "Get-Log" } },
      { sequence: 2, time: NOW.toISOString(), kind: "output", data: { text: "shown" } },
    ];
    await store.append(lease, 0, Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")));
    const lastUpdatedDateTimeUtc = "2026-03-01T11:59:59.0000000Z";
    azure.registered = [{ registrationId: "device-01", status: "assigned", lastUpdatedDateTimeUtc }];
  });

  after(async () => {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const texts = (entries: readonly { role: string; text: string }[]) =>
    entries.map(({ role, text }) => `${role}: ${text}`);

  it("shows a day of all roles in the order of time, without outputs of sessions", async () => {
    const { entries, errors } = await log();
    assert.deepEqual(texts(entries), [
      "ProvisioningService: Registration device-01: assigned.",
      "Operator: sign-in refused",
      "Operator: Session s1: opened.",
      "Operator: Session s1: command.",
      "Pulumi: update 7: succeeded. first",
      "LocalAzure: refused",
    ]);
    assert.deepEqual(errors, []);
  });

  it("filters by role and time, and shows the newest", async () => {
    assert.deepEqual(texts((await log({ FilterByRole: ["pulumi"] })).entries), ["Pulumi: update 7: succeeded. first"]);
    assert.equal((await log({ FromDate: daysFromNow(-3), FilterByRole: ["LocalAzure"] })).count, 2);
    assert.deepEqual(texts((await log({ Last: 1 })).entries), ["LocalAzure: refused"]);
    await refused(log({ FromDate: daysFromNow(1) }), "ParameterInvalid");
  });

  it("shows the other roles where one cannot be read", async () => {
    azure.hubError = new Error("no response from hub-1");
    const { entries, errors } = await log();
    assert.deepEqual(errors, [{ role: "IotHub", error: "no response from hub-1" }]);
    assert.equal(entries.length, 6);
  });

  it("bundles all entries as a tar.gz with a file for each role", async () => {
    const { name, sha256, content, files } = await log({ Bundle: true, FilterByRole: ["Operator", "Pulumi"] });
    assert.equal(name, "log-20260301T120000.tar.gz");
    const bytes = Buffer.from(content, "base64");
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
    assert.equal(files.length, 2);
    const printed = execFileSync("tar", ["-xzOf", "-", "Operator.jsonl"], { input: bytes, encoding: "utf8" });
    assert.equal(printed.trim().split("\n").length, 3);
  });
});
