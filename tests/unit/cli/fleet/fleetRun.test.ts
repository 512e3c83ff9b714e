import { strict as assert } from "node:assert";
import { AzureError, UnreachableError } from "../../../../azure/clients/azureError";
import { DeviceClient } from "../../../../azure/clients/deviceClient";
import type { DeviceTransport } from "../../../../azure/clients/mutualTls";
import type { AssignedRegistration, DeviceClock } from "../../../../azure/devices/registration";
import { progressOf } from "../../../../cli/fleet/deviceProgress";
import type { JournalEntry } from "../../../../cli/fleet/fleetJournal";
import { FleetRun, type FleetRunOptions } from "../../../../cli/fleet/fleetRun";

/** Turns of the event loop before the clock moves. */
const TURNS = 20;

/** A clock that moves to the end of the next wait as soon as nothing else goes on. */
class TestClock implements DeviceClock {
  #now = 0;
  #isMoving = false;
  readonly #waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wait(milliseconds: number): Promise<void> {
    const at = this.#now + milliseconds;
    return new Promise((resolve) => {
      this.#waiting.push({ at, resolve });
      if (!this.#isMoving) void this.#move();
    });
  }

  async #move(): Promise<void> {
    this.#isMoving = true;
    while (this.#waiting.length > 0) {
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
      this.#waiting.sort((a, b) => a.at - b.at);
      const next = this.#waiting.shift();
      this.#now = Math.max(this.#now, next?.at ?? 0);
      next?.resolve();
    }
    this.#isMoving = false;
  }
}

const devices = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, registrationId: `fleet-${index}` }));

const assigned = (registrationId: string): AssignedRegistration => ({
  registrationId,
  status: "assigned",
  assignedHub: "hub-1",
  deviceId: registrationId,
});

type Register = (registrationId: string, clock: DeviceClock) => Promise<AssignedRegistration>;
type Send = (deviceId: string, message: unknown) => Promise<204>;

/** A run of fake devices; returns its entries. */
function fleet(options: Partial<FleetRunOptions> & { register?: Register; send?: Send } = {}) {
  const entries: JournalEntry[] = [];
  let open = 0;
  const most = { open: 0 };
  const stopping = new AbortController();
  const clock = new TestClock();
  const run = new FleetRun({
    devices: devices(10),
    idScope: "0ne",
    endpoint: "dps.example",
    messages: 0,
    intervalMs: 5000,
    concurrency: 3,
    clock,
    random: () => 0,
    signal: stopping.signal,
    progressOf: () => undefined,
    record: (entry) => void entries.push(entry),
    credentials: async () => ({ certificateChain: "chain", privateKey: "key" }),
    transport: () => {
      open += 1;
      most.open = Math.max(most.open, open);
      return {
        send: async () => ({ status: 200, headers: {}, text: "" }),
        close: async () => {
          open -= 1;
        },
      };
    },
    client: (_, deviceClock) => ({
      register: (_endpoint, _idScope, registrationId) =>
        options.register?.(registrationId, deviceClock) ?? Promise.resolve(assigned(registrationId)),
      sendTelemetry: (_hub, deviceId, message) => options.send?.(deviceId, message) ?? Promise.resolve(204),
    }),
    ...options,
  });
  return { run, entries, clock, most, stopping, openNow: () => open };
}

const events = (entries: readonly JournalEntry[], event: JournalEntry["event"]) =>
  entries.filter((entry) => entry.event === event);

describe("a run of a fleet", () => {
  it("registers every device, with a bounded number of connections, and closes them", async () => {
    let requests = 0;
    let most = 0;
    const register: Register = async (id, clock) => {
      requests += 1;
      most = Math.max(most, requests);
      await new Promise(setImmediate);
      requests -= 1;
      // It waits for its assignment: others go on.
      await clock.wait(3000);
      return assigned(id);
    };
    const { run, entries, most: connections, clock, openNow } = fleet({ devices: devices(100), register });
    await run.run();
    assert.equal(events(entries, "registered").length, 100);
    assert.equal(most, 3);
    assert.ok(connections.open > 3 && connections.open <= 12, `${connections.open} connections`);
    assert.equal(openNow(), 0);
    // 100 devices, 12 at once, 3 s each: by threes they would take 100 s.
    assert.ok(clock.now() <= 35_000, `${clock.now()} ms`);
  });

  it("sends each device's messages at their interval, and records how many", async () => {
    const sent: string[] = [];
    const send: Send = async (deviceId, message) => {
      sent.push(`${deviceId} ${(message as { sequence: number }).sequence}`);
      return 204;
    };
    const { run, entries, clock } = fleet({ devices: devices(2), messages: 3, send });
    await run.run();
    assert.deepEqual(
      sent.sort(),
      [1, 2].flatMap((_, index) => [1, 2, 3].map((nth) => `fleet-${index} ${nth}`)),
    );
    assert.deepEqual(
      events(entries, "sent").map((entry) => "messages" in entry && entry.messages),
      [3, 3],
    );
    assert.equal(clock.now(), 10_000);
  });

  it("goes on where the journal ends: neither registers nor sends again", async () => {
    const first = fleet({ devices: devices(3), messages: 2 });
    await first.run.run();
    const before = progressOf(first.entries.filter((entry) => !("index" in entry) || entry.index !== 2));
    const second = fleet({ devices: devices(3), messages: 3, progressOf: (index) => before.get(index) });
    await second.run.run();
    assert.deepEqual(second.entries.map((entry) => ("index" in entry ? [entry.event, entry.index] : [])).sort(), [
      ["registered", 2],
      ["sent", 0],
      ["sent", 1],
      ["sent", 2],
    ]);
    const all = progressOf([...first.entries, ...second.entries]);
    const third = fleet({ devices: devices(3), messages: 3, progressOf: (index) => all.get(index) });
    await third.run.run();
    assert.deepEqual(third.entries, []);
  });

  it("repeats what passes, with growing delays, and records what does not", async () => {
    let count = 0;
    const register: Register = async (id) => {
      count += 1;
      if (id === "fleet-0" && count < 4) throw new UnreachableError("register", "dps", new Error("reset"));
      if (id === "fleet-1") throw new AzureError("dpsDevice", "register", { status: 401, code: "401002" });
      return assigned(id);
    };
    const first = fleet({ devices: devices(1), register });
    await first.run.run();
    assert.equal(first.clock.now(), 500 + 1000 + 2000);
    assert.deepEqual(
      first.entries.map((entry) => "attempts" in entry && entry.attempts),
      [4],
    );
    const second = fleet({ devices: devices(2), register });
    await second.run.run();
    assert.deepEqual(
      events(second.entries, "failed").map(
        (entry) => "code" in entry && [entry.registrationId, entry.code, entry.step],
      ),
      [["fleet-1", "401002", "register"]],
    );
    const always = fleet({
      devices: devices(1),
      register: async () => {
        throw new AzureError("dpsDevice", "register", { status: 503 });
      },
    });
    await always.run.run();
    assert.equal(events(always.entries, "failed").length, 1);
  });

  it("begins no device before the Retry-After of a 429", async () => {
    const begun: number[] = [];
    let isThrottling = true;
    const transport = (): DeviceTransport => ({
      send: async (): ReturnType<DeviceTransport["send"]> => {
        begun.push(clock.now());
        if (isThrottling) return { status: 429, headers: { "retry-after": "60" }, text: "" };
        const registrationState = { ...assigned("fleet"), registrationId: "fleet" };
        return {
          status: 200,
          headers: {},
          text: JSON.stringify({ status: "assigned", operationId: "1", registrationState }),
        };
      },
      close: async () => undefined,
    });
    const { run, entries, clock } = fleet({
      devices: devices(40),
      concurrency: 1,
      transport,
      client: (given, deviceClock) => new DeviceClient(given, { clock: deviceClock }),
    });
    const running = run.run();
    await new Promise(setImmediate);
    isThrottling = false;
    await running;
    assert.equal(events(entries, "registered").length, 40);
    assert.ok(begun.filter((at) => at < 30_000).length <= 4, `${begun.filter((at) => at < 30_000).length} early`);
  });

  it("stops at a signal: what is in flight ends, nothing begins, nothing is recorded as failed", async () => {
    let begun = 0;
    const register: Register = async (id) => {
      begun += 1;
      if (begun === 5) stopping.abort();
      return assigned(id);
    };
    const { run, entries, stopping, openNow } = fleet({ devices: devices(100), messages: 1, register });
    await run.run();
    assert.ok(begun < 10, `${begun} begun`);
    assert.equal(events(entries, "registered").length, begun);
    assert.deepEqual(events(entries, "failed"), []);
    assert.equal(openNow(), 0);
  });

  it("rejects when an entry cannot be recorded", async () => {
    const record = () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    };
    await assert.rejects(fleet({ record }).run.run(), { code: "ENOSPC" });
  });
});
