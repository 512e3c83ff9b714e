import { strict as assert } from "node:assert";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { dynamicType } from "../../../azure/toolkitTypes";
import { resourcePolicies } from "../../../policy/resourcePolicies";

describe("resources of the plugin", () => {
  it("have the type of the dynamic resource; components and other types have their own", () => {
    assert.equal(dynamicType("zero-touch:index:EnrollmentGroup"), "pulumi-nodejs:dynamic/iot:EnrollmentGroup");
    for (const type of ["zero-touch:iot:EnrollmentGroup", "azure-native:iothub:IotHubResource", ""])
      assert.equal(dynamicType(type), type);
  });

  it("are judged by the policies", async () => {
    const reported: string[] = [];
    const args = {
      type: "zero-touch:index:CertificateAuthority",
      name: "plants",
      urn: "urn:pulumi:dev::p::zero-touch:index:CertificateAuthority::plants",
      props: { rootLifetimeDays: 100_000 },
      opts: { protect: true },
      stackTags: new Map(),
      getConfig: () => ({ deviceDays: 398, intermediateDays: 1830, rootDays: 7305 }),
    } as unknown as ResourceValidationArgs;
    const policy = resourcePolicies.find(({ name }) => name === "certificate-lifetimes");
    const validations = [policy?.validateResource ?? []].flat();
    for (const validate of validations) await validate(args, (message) => reported.push(message));
    assert.equal(reported.length, 1);
    assert.match(reported[0] ?? "", /rootLifetimeDays/);
  });
});
