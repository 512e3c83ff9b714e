import assert from "node:assert/strict";
import { FaultInjector } from "../../../../emulator/control/faultInjector";
import { WireError } from "../../../../emulator/kernel/operation";
import type { ServiceDefinition } from "../../../../emulator/kernel/service";
import { type Served, serve } from "../../../cast/served";

describe("faults", () => {
  let faults: FaultInjector;
  let served: Served;
  let looked: number;

  beforeEach(async () => {
    faults = new FaultInjector();
    looked = 0;
    const fail = (status: number) => () => new WireError(status, {});
    const definition: ServiceDefinition = {
      name: "arm",
      operations: [
        { name: "One", method: "GET", path: "/one", handle: () => ({ status: 200, body: "one" }) },
        { name: "Two", method: "GET", path: "/two", handle: () => ({ status: 200, body: "two" }) },
      ],
      headers: () => ({}),
      notFound: fail(404),
      badBody: fail(400),
      internal: fail(500),
      before() {
        looked += 1;
        return undefined;
      },
    };
    served = await serve(faults.guard(definition));
  });

  afterEach(() => served.close());

  const statuses = async (...paths: string[]): Promise<number[]> => {
    const seen: number[] = [];
    for (const path of paths) seen.push((await served.send("GET", path)).status);
    return seen;
  };

  it("hit the operation that they name, as often as they say, before the service checks the request", async () => {
    faults.set([{ service: "arm", operation: "One", status: 503, times: 2 }]);
    assert.deepEqual(await statuses("/two", "/one", "/one", "/one"), [200, 503, 503, 200]);
    assert.equal(looked, 2);
    assert.deepEqual(faults.list(), []);
  });

  it("hit any operation of their service, and of no other service", async () => {
    faults.set([
      { service: "entra", status: 500 },
      { service: "arm", status: 429 },
    ]);
    assert.deepEqual(await statuses("/two", "/one"), [429, 200]);
    assert.deepEqual(faults.list(), [{ service: "entra", status: 500, times: 1 }]);
  });

  it("return the given headers and body", async () => {
    const body = { error: { code: "TooManyRequests" } };
    faults.set([{ service: "arm", status: 429, headers: { "retry-after": "3" }, body }]);
    const response = await served.send("GET", "/one");
    assert.deepEqual([response.status, response.headers["retry-after"], response.body], [429, "3", body]);
  });

  it("continue with the request after a delay when they have no status", async () => {
    faults.set([{ service: "arm", delayMs: 1 }]);
    assert.deepEqual(await statuses("/one"), [200]);
    assert.equal(looked, 1);
  });
});
