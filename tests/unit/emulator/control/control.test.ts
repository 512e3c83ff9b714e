import assert from "node:assert/strict";
import type { ControlDependencies } from "../../../../emulator/control/controlDependencies";
import { controlService } from "../../../../emulator/control/controlService";
import { FaultInjector } from "../../../../emulator/control/faultInjector";
import { LatencyStore } from "../../../../emulator/dps/allocation/latencyStore";
import { Application } from "../../../../emulator/entra/application";
import { ShiftableClock } from "../../../../emulator/kernel/clock";
import { Database } from "../../../../emulator/kernel/database";
import { WireError } from "../../../../emulator/kernel/operation";
import { errorOf } from "../../../cast/armHarness";
import { type Served, serve } from "../../../cast/served";

const TOKEN = { "x-local-azure-token": "the control token" };
const CHANGES = ["/settings", "/faults", "/latencies", "/clock", "/reset", "/shutdown"];

describe("the control listener", () => {
  let served: Served;
  let deps: ControlDependencies;
  let done: string[];
  let requested: unknown[];

  beforeEach(async () => {
    done = [];
    requested = [];
    deps = {
      switches: { throttling: false, realDelays: false },
      clock: new ShiftableClock(),
      faults: new FaultInjector(),
      events: {
        read(hub, query) {
          requested.push([hub, query]);
          return hub === "hub-1" ? [] : undefined;
        },
      },
      latencies: new LatencyStore({ database: new Database(":memory:") }),
      application: new Application(),
      issuer: { mint: () => "a token" },
      storage: { azurite: undefined, set: () => undefined },
      token: TOKEN["x-local-azure-token"],
      version: "1.2.3",
      caCertificate: "-----BEGIN CERTIFICATE-----",
      reset: () => done.push("reset"),
      shutdown: () => done.push("shutdown"),
    };
    served = await serve(controlService(deps));
  });

  afterEach(() => served.close());

  it("returns its health to everyone on this machine", async () => {
    const response = await served.send("GET", "/health");
    assert.deepEqual([response.status, response.body], [200, { status: "ok", pid: process.pid, version: "1.2.3" }]);
  });

  it("returns the certificate of the local CA to everyone on this machine", async () => {
    const response = await served.send("GET", "/ca.pem");
    assert.deepEqual([response.status, response.body], [200, "-----BEGIN CERTIFICATE-----"]);
  });

  it("requires the token for reading, too, where others reach it, at the name that they use", async () => {
    const exposed = await serve(controlService({ ...deps, isExposed: true, publicHost: "Azure" }));
    const status = async (path: string, headers: Record<string, string>) =>
      (await exposed.send("GET", path, undefined, headers)).status;
    try {
      for (const path of ["/faults", "/hubs/hub-1/events", "/sign-in"]) {
        assert.equal(await status(path, { host: "azure:8081" }), 401, path);
        assert.equal(await status(path, { host: "azure:8081", ...TOKEN }), 200, path);
        assert.equal(await status(path, { host: "evil.example", ...TOKEN }), 403, path);
      }
      for (const path of ["/health", "/ca.pem"]) {
        assert.equal(await status(path, { host: "azure:8081" }), 200, path);
        assert.equal(await status(path, { host: "127.0.0.1:8081" }), 200, path);
        assert.equal(await status(path, { host: "172.17.0.2:8081" }), 403, path);
      }
    } finally {
      await exposed.close();
    }
  });

  it("refuses rebound DNS names", async () => {
    for (const host of ["evil.example", "127.0.0.1.evil.example:80"]) {
      const response = await served.send("GET", "/health", undefined, { host });
      assert.deepEqual([response.status, errorOf(response).code], [403, "HostRefused"]);
    }
  });

  it("refuses web pages, even at its own address", async () => {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1"]) {
      const response = await served.send("POST", "/reset", undefined, { ...TOKEN, origin });
      assert.deepEqual([response.status, errorOf(response).code], [403, "OriginRefused"]);
    }
    assert.deepEqual(done, []);
  });

  it("sets and returns the hubs' latencies", async () => {
    const near = { "Hub-1.azure-devices.net": 5.5, "hub-2.azure-devices.net": 80 };
    const set = await served.send("POST", "/latencies", { latencies: near }, TOKEN);
    const expected = { latencies: { "hub-1.azure-devices.net": 5.5, "hub-2.azure-devices.net": 80 } };
    assert.deepEqual([set.status, set.body], [200, expected]);
    assert.deepEqual((await served.send("GET", "/latencies")).body, expected);
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [[], /needs 'latencies'/],
      [{ "hub-1": 5 }, /'hub-1' is not the host name of a hub/],
      [{ "hub-1.azure-devices.net": -1 }, /must be a number of milliseconds from 0/],
      [{ "hub-1.azure-devices.net": "5" }, /must be a number of milliseconds from 0/],
    ];
    for (const [latencies, message] of wrong) {
      const refused = await served.send("POST", "/latencies", { latencies }, TOKEN);
      assert.equal(refused.status, 400);
      assert.match(errorOf(refused).message, message);
    }
    assert.deepEqual((await served.send("GET", "/latencies")).body, expected, "nothing changed");
    assert.deepEqual((await served.send("POST", "/latencies", { latencies: {} }, TOKEN)).body, { latencies: {} });
  });

  for (const path of CHANGES) {
    it(`requires the token for ${path}`, async () => {
      for (const headers of [undefined, { "x-local-azure-token": "guessed" }]) {
        const response = await served.send("POST", path, {}, headers);
        assert.deepEqual([response.status, errorOf(response).code], [401, "ControlTokenMissing"]);
      }
      assert.deepEqual(done, []);
    });
  }

  it("resets and shuts down", async () => {
    assert.equal((await served.send("POST", "/reset", undefined, TOKEN)).status, 204);
    assert.equal((await served.send("POST", "/shutdown", undefined, TOKEN)).status, 202);
    assert.deepEqual(done, ["reset", "shutdown"]);
  });

  it("sets the named switches, and refuses unknown ones", async () => {
    const set = await served.send("POST", "/settings", { throttling: true }, TOKEN);
    assert.deepEqual(set.body, { throttling: true, realDelays: false });
    assert.deepEqual((await served.send("GET", "/settings")).body, { throttling: true, realDelays: false });
    for (const body of [{ unknown: true }, { throttling: "yes" }, { realDelays: true, unknown: true }]) {
      assert.equal((await served.send("POST", "/settings", body, TOKEN)).status, 400);
    }
    assert.deepEqual(deps.switches, { throttling: true, realDelays: false });
  });

  it("shifts the clock", async () => {
    const response = await served.send("POST", "/clock", { offsetSeconds: -3600 }, TOKEN);
    assert.equal(response.status, 200);
    assert.ok(Math.abs(deps.clock.now().getTime() + 3_600_000 - Date.now()) < 5000);
    for (const offsetSeconds of ["1", null, 1e12]) {
      assert.equal((await served.send("POST", "/clock", { offsetSeconds }, TOKEN)).status, 400);
    }
    assert.equal(deps.clock.offsetSeconds, -3600);
  });

  it("reads a hub's events with the query of the request", async () => {
    const path = "/hubs/hub-1/events?deviceId=d-1&afterSequence=5&top=10";
    assert.deepEqual((await served.send("GET", path)).body, { events: [] });
    assert.deepEqual(requested, [["hub-1", { deviceId: "d-1", afterSequence: 5, top: 10 }]]);
    assert.equal((await served.send("GET", "/hubs/hub-2/events")).status, 404);
    for (const query of ["top=0", "top=x", "afterSequence=-1"]) {
      assert.equal((await served.send("GET", `/hubs/hub-1/events?${query}`)).status, 400);
    }
  });

  it("refuses bodies that are not JSON, and unknown paths", async () => {
    const headers = { ...TOKEN, "content-type": "application/json" };
    assert.equal((await served.send("POST", "/clock", "{", headers)).status, 400);
    assert.equal((await served.send("POST", "/clock", undefined, TOKEN)).status, 400);
    assert.equal((await served.send("GET", "/nothing")).status, 404);
  });

  it("refuses a fault for an unknown service or operation", async () => {
    for (const name of ["key-vault", "arm"]) {
      const operations = [{ name: "Get", method: "GET", path: "/", handle: () => ({ status: 200 }) }] as const;
      const internal = () => new WireError(500, {});
      deps.faults.guard({
        ...{ name, operations, headers: () => ({}) },
        ...{ notFound: internal, badBody: internal, badPath: internal, internal },
      });
    }
    const answerTo = async (fault: object) => {
      const { status, body } = await served.send("POST", "/faults", { faults: [{ status: 500, ...fault }] }, TOKEN);
      return status === 200 ? "taken" : (body as { error: { message: string } }).error.message;
    };
    assert.match(await answerTo({ service: "vault" }), /no service 'vault'.* arm, key-vault/);
    assert.match(await answerTo({ service: "arm", operation: "Put" }), /^the service 'arm' has no operation 'Put'/);
    assert.deepEqual(deps.faults.list(), []);
    assert.equal(await answerTo({ service: "arm" }), "taken");
    assert.equal(await answerTo({ service: "key-vault", operation: "Get" }), "taken");
  });

  it("stores faults, and refuses a whole list with an invalid one", async () => {
    const fault = { service: "arm", status: 503, times: 2 };
    await served.send("POST", "/faults", { faults: [fault] }, TOKEN);
    assert.deepEqual((await served.send("GET", "/faults")).body, { faults: [fault] });
    for (const wrong of [
      { status: 500 },
      { service: "arm" },
      { service: "arm", status: 99 },
      { service: "arm", status: 500, times: 0 },
      { service: "arm", delayMs: -1 },
      { service: "arm", status: 500, headers: { a: 1 } },
      { service: "arm", status: 500, headers: { a: "two\nlines" } },
      { service: "arm", status: 500, headers: { "a b": "c" } },
      "arm",
    ]) {
      const response = await served.send("POST", "/faults", { faults: [fault, wrong] }, TOKEN);
      assert.deepEqual([response.status, errorOf(response).code], [400, "BadRequest"], JSON.stringify(wrong));
    }
    assert.deepEqual(deps.faults.list(), [fault]);
    await served.send("POST", "/faults", { faults: [] }, TOKEN);
    assert.deepEqual(deps.faults.list(), []);
  });
});
