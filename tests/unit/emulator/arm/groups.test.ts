import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";

const GROUP = "/resourcegroups/rg-1";
const SKU = { name: "S1", capacity: 1 };

describe("resource groups", () => {
  let harness: ArmHarness;

  beforeEach(async () => {
    harness = await armHarness();
  });

  afterEach(() => harness.close());

  it("are created with 201, replaced with 200, and keep the name they were created under", async () => {
    const first = await harness.arm("PUT", "/resourceGroups/Rg-1", { location: "West Europe", tags: { a: "1" } });
    const second = await harness.arm("PUT", GROUP, { location: "westeurope" });
    assert.deepEqual([first.status, second.status], [201, 200]);
    const { name, location, tags } = second.body as Record<string, unknown>;
    assert.deepEqual({ name, location, tags }, { name: "Rg-1", location: "westeurope", tags: undefined });
  });

  it("return 204 and 404 for HEAD", async () => {
    assert.equal((await harness.arm("HEAD", GROUP)).status, 404);
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    assert.equal((await harness.arm("HEAD", GROUP)).status, 204);
  });

  it("get new tags by PATCH", async () => {
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    const response = await harness.arm("PATCH", GROUP, { tags: { b: "2" } });
    assert.deepEqual([response.status, (response.body as { tags: unknown }).tags], [200, { b: "2" }]);
    const wrong = await harness.arm("PATCH", GROUP, { tags: { b: 2 } });
    assert.deepEqual([wrong.status, errorOf(wrong).code], [400, "InvalidRequestContent"]);
  });

  for (const [what, name, body, status, code] of [
    ["without a location", "rg-1", {}, 400, "LocationRequired"],
    ["in an unknown location", "rg-1", { location: "atlantis" }, 400, "LocationNotAvailableForResourceGroup"],
    ["with a name that ends in a period", "rg.", { location: "westeurope" }, 400, "InvalidResourceGroupName"],
  ] as const) {
    it(`are refused ${what}`, async () => {
      const response = await harness.arm("PUT", `/resourcegroups/${name}`, body);
      assert.deepEqual([response.status, errorOf(response).code], [status, code]);
      assert.equal((await harness.arm("HEAD", `/resourcegroups/${name}`)).status, 404);
    });
  }

  it("cannot change their location", async () => {
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    const response = await harness.arm("PUT", GROUP, { location: "eastus" });
    assert.deepEqual([response.status, errorOf(response).code], [409, "InvalidResourceGroupLocation"]);
  });

  it("return 404 when they do not exist", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await harness.arm(method, GROUP);
      assert.deepEqual([response.status, errorOf(response).code], [404, "ResourceGroupNotFound"]);
    }
  });

  it("are deleted with their hubs, services, certificates and the data planes' records", async () => {
    const removed: string[] = [];
    harness.deps.directory.onRemoved((kind, key) => removed.push(`${kind} ${key}`));
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    await harness.arm("PUT", `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`, {
      location: "westeurope",
      sku: SKU,
    });
    const dps = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`;
    await harness.arm("PUT", dps, { location: "westeurope", sku: SKU });
    const [hub, service] = [
      harness.deps.directory.hub("hub-1.azure-devices.net"),
      harness.deps.directory.provisioningService("dps-1"),
    ];
    await harness.arm("DELETE", GROUP);
    assert.deepEqual(removed, [`hub ${hub?.key}`, `provisioningService ${service?.key}`]);
    assert.equal(harness.deps.directory.hub("hub-1.azure-devices.net"), undefined);
    assert.equal(harness.deps.directory.provisioningServiceByIdScope(service?.idScope ?? ""), undefined);
    assert.deepEqual(harness.shared.database.all("SELECT * FROM arm_resources"), []);
  });

  it("stay complete when a part of the cascade fails", async () => {
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    const hub = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
    await harness.arm("PUT", hub, { location: "westeurope", sku: SKU });
    harness.deps.directory.onRemoved(() => {
      throw new Error("the data plane fails");
    });
    await assert.rejects(harness.arm("DELETE", GROUP), /the data plane fails/);
    assert.equal((await harness.arm("GET", GROUP)).status, 200);
    assert.equal((await harness.arm("GET", hub)).status, 200);
  });

  it("accept no new resources while they are being deleted", async () => {
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    harness.shared.switches.realDelays = true;
    await harness.arm("DELETE", GROUP);
    const hub = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
    const response = await harness.arm("PUT", hub, { location: "westeurope", sku: SKU });
    assert.deepEqual([response.status, errorOf(response).code], [409, "ResourceGroupBeingDeleted"]);
    harness.shared.clock.advance(4);
    assert.equal((await harness.arm("HEAD", GROUP)).status, 404);
  });
});
