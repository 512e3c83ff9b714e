import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { type PackageSchema, schemaText } from "../../../zero-touch-plugin/packageSchema";
import { plainInputs } from "../../../zero-touch-plugin/plainInputs";

/** What a preview does not know; not in the SDK's declarations. */
const { unknown } = require("@pulumi/pulumi/output") as { readonly unknown: unknown };

const schema = JSON.parse(schemaText()) as PackageSchema;
const SERVICE = "zero-touch:iot:ProvisioningService";
const promised = (output: unknown) => (output as { promise(): Promise<unknown> }).promise();

describe("the inputs of a component", () => {
  it("are a structure in plain with an output for each value, and secrets stay secret", async () => {
    const hub = { hostName: "a.azure-devices.net", location: "northeurope", connectionString: "hush" };
    const given = { location: pulumi.output("northeurope"), hubs: pulumi.secret([hub]) };
    const { location, hubs } = await plainInputs(schema, SERVICE, given);
    assert.equal(location, given.location, "an input that may be an output");
    assert.ok(Array.isArray(hubs));
    const [{ connectionString, hostName, resourceId }] = hubs;
    assert.equal(await promised(hostName), "a.azure-devices.net");
    assert.equal(await pulumi.isSecret(connectionString), true);
    assert.equal(resourceId, undefined, "an argument that is not given is not there");
  });

  it("are plain values where the constructor compares them", async () => {
    const given = { localAuth: pulumi.output("enabled"), minimumTls: "1.2" };
    assert.deepEqual(await plainInputs(schema, "zero-touch:iot:IotHub", given), {
      localAuth: "enabled",
      minimumTls: "1.2",
    });
    const vault = { uri: "https://v.vault.azure.net", uses: ["keys"] };
    const args = { enrollmentGroupId: "g", vault: pulumi.output(vault) };
    const { vault: seen } = await plainInputs(schema, "zero-touch:iot:EnrollmentGroup", args);
    assert.deepEqual((seen as typeof vault).uses, ["keys"]);
  });

  it("have one element for a list that a preview does not know, and no entry for a map", async () => {
    const { hubs } = await plainInputs(schema, SERVICE, { hubs: pulumi.output(unknown) });
    assert.ok(Array.isArray(hubs) && hubs.length === 1);
    assert.deepEqual(Object.keys(hubs[0]).sort().slice(0, 2), ["allocationWeight", "applyAllocationPolicy"]);
    assert.equal(await (hubs[0].hostName as { isKnown: Promise<boolean> }).isKnown, false);
    const list = await plainInputs(schema, "zero-touch:iot:EnrollmentList", { enrollments: pulumi.output(unknown) });
    assert.deepEqual(list.enrollments, {});
  });
});
