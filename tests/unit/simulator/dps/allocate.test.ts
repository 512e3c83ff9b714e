import { strict as assert } from "node:assert";
import fc from "fast-check";
import { rendezvous } from "../../../../simulator/dps/device/allocate";

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

  it("moves a device only off a hub that goes, or onto one that comes", () => {
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
