import { strict as assert } from "node:assert";
import fc from "fast-check";
import { nearest, rendezvous } from "../../../../emulator/dps/allocation/chooseHub";
import { DEFAULT_LATENCY_MS, LatencyStore } from "../../../../emulator/dps/allocation/latencyStore";
import { newHierarchy } from "../../../cast/certs";
import { DataPlane, link } from "../../../cast/dataPlane";

const hub = (name: string, allocationWeight = 1) => ({ hostName: `${name}.azure-devices.net`, allocationWeight });
const choice = (id: string, hubs: readonly ReturnType<typeof hub>[]) => rendezvous(id, hubs)?.hostName;

const hubsArbitrary = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{3,8}$/), weight: fc.integer({ min: 1, max: 1000 }) }),
  {
    selector: ({ name }) => name,
    minLength: 2,
    maxLength: 8,
  },
);

describe("hashed allocation", () => {
  it("has nothing to choose from nothing", () => {
    assert.equal(rendezvous("device-01", []), undefined);
  });

  it("chooses the same hub whatever the order of hubs and the case of the id", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), hubsArbitrary, (id, given) => {
        const hubs = given.map(({ name, weight }) => hub(name, weight));
        const chosen = choice(id, hubs);
        assert.equal(choice(id.toUpperCase().toLowerCase(), [...hubs].reverse()), choice(id.toLowerCase(), hubs));
        assert.ok(hubs.some(({ hostName }) => hostName === chosen));
      }),
    );
  });

  it("moves a device only if its hub is removed or a hub is added", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), hubsArbitrary, (id, given) => {
        const hubs = given.map(({ name, weight }) => hub(name, weight));
        const [gone, ...rest] = hubs;
        const [before, after] = [choice(id, hubs), choice(id, rest)];
        assert.ok(before === after || before === gone?.hostName);
      }),
    );
  });

  it("spreads devices by weight", () => {
    const hubs = [hub("light", 1), hub("heavy", 3)];
    const devices = Array.from({ length: 8000 }, (_, index) => `device-${index}`);
    const heavy = devices.filter((id) => choice(id, hubs)?.startsWith("heavy")).length;
    // Five standard deviations of a binomial of 8,000 at 3/4.
    assert.ok(Math.abs(heavy - 6000) < 5 * Math.sqrt(8000 * 0.75 * 0.25), `${heavy} of 8000 went to the heavy hub`);
  });
});

describe("geo-latency allocation", () => {
  const three = [hub("a"), hub("b"), hub("c")];
  const by = (latencies: Readonly<Record<string, number>>) => (host: string) => latencies[host.slice(0, 1)] ?? 100;

  it("chooses the nearest hub", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (id) => {
        assert.equal(nearest(id, three, by({ a: 50, b: 20, c: 30 }))?.hostName, "b.azure-devices.net");
      }),
    );
  });

  it("hashes among those that are equally near, and never takes a farther one", () => {
    const devices = Array.from({ length: 500 }, (_, index) => `device-${index}`);
    const chosen = devices.map((id) => nearest(id, three, by({ c: 101 }))?.hostName);
    assert.deepEqual(
      chosen,
      devices.map((id) => choice(id, three.slice(0, 2))),
    );
    assert.equal(new Set(chosen).size, 2);
  });

  it("has nothing to choose from nothing", () => {
    assert.equal(nearest("device-01", [], by({})), undefined);
  });

  it("allocates by the latencies set on the control listener, also by the service's policy", async () => {
    const plane = new DataPlane();
    const linkedHubs = [link("hub-1"), link("hub-2")];
    plane.directory.service = { ...plane.directory.service, linkedHubs, allocationPolicy: "GeoLatency" };
    const { root, intermediate, device } = await newHierarchy();
    plane.directory.trust("root", root.certificate);
    await plane.group("line-1", intermediate.certificate);
    const latencies = new LatencyStore(plane);
    for (const near of ["hub-2", "hub-1"]) {
      latencies.set({ [`${near}.azure-devices.net`]: 20 });
      const done = await plane.provision("device-01", [device.certificate, intermediate.certificate]);
      assert.equal(done.body.registrationState.assignedHub, `${near}.azure-devices.net`);
    }
    assert.equal(latencies.of("hub-2.azure-devices.net"), DEFAULT_LATENCY_MS);
  });
});
