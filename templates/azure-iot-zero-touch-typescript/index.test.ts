import { strict as assert } from "node:assert";
import { runtime } from "@pulumi/pulumi";

/** The inputs of each resource, by its name. */
const resources = new Map<string, Record<string, unknown>>();

// Pulumi's mocks take the place of Azure: they record each resource and return its inputs, and what Azure would add.
runtime.setMocks({
  newResource: ({ name, inputs }) => {
    resources.set(name, inputs);
    return { id: `${name}-id`, state: { name, ...inputs, properties: { idScope: "0ne00000000" } } };
  },
  call: () => ({ primaryKey: "key" }),
});
runtime.setAllConfig({ "project:location": "northeurope", "project:rootName": "Plants root" });

/** The value of an output. */
const resolved = <T>(output: { apply(use: (value: T) => void): unknown }): Promise<T> =>
  new Promise((done) => output.apply(done));

describe("the program", function () {
  // The first load of azure-native takes seconds on a slow machine.
  this.timeout(60_000);
  let program: typeof import("./index");

  before(() => {
    // Loaded here, after the mocks are in place.
    program = require("./index");
  });

  it("exports the ID scope that devices register with", async () => {
    assert.equal(await resolved(program.idScope), "0ne00000000");
  });

  it("creates a hub that accepts TLS 1.2 only", async () => {
    await resolved(program.hubHostName);
    assert.deepEqual(resources.get("plants-hub")?.properties, { minTlsVersion: "1.2" });
  });

  it("enrolls the devices with a certificate of the verified root", async () => {
    assert.equal(await resolved(program.enrollmentGroupId), "presses");
    assert.equal(resources.get("presses-enrollment")?.caReference, "plants-root");
  });
});
