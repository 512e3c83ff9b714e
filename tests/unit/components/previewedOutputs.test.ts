import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { EnrollmentGroup } from "../../../components/enrollmentGroup";
import { IndividualEnrollment } from "../../../components/individualEnrollment";
import { SampleDevice } from "../../../components/sampleDevice";

const service = {
  serviceEndpoint: "dps-x.azure-devices-provisioning.net",
  globalEndpoint: "global.azure-devices-provisioning.net",
  idScope: "0ne1",
  hubHostNames: ["hub-x.azure-devices.net"],
};
const vault = { uri: "https://vault-x.vault.azure.net" };
const given = { primaryKey: "cA==", secondaryKey: "cw==" };

/** What a state holds of each resource beside its inputs. */
const STATES: Readonly<Record<string, Record<string, unknown>>> = {
  "x509-enrollment": { provisioningStatus: "enabled", revision: "r1" },
  "kept-enrollment": { provisioningStatus: "enabled", revision: "r1", primaryKeyId: "id 1", secondaryKeyId: "id 2" },
  "given-enrollment": { provisioningStatus: "enabled", revision: "r1", ...given },
  "revoked-registration": { deviceId: "", assignedHub: "", status: "disabled", telemetry: null },
};

/** The value of an output of which a preview knows all. */
async function known<T>(output: pulumi.Output<T>): Promise<T> {
  const { isKnown, promise } = output as unknown as { isKnown: Promise<boolean>; promise(): Promise<T> };
  assert.equal(await isKnown, true);
  return promise();
}

describe("what a preview knows of resources in the state", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => ({ id: `id of ${name}`, state: { ...inputs, ...STATES[name] } }),
        call: () => ({}),
      },
      "project",
      "dev",
      true,
      "organization",
    );
  });

  for (const [type, make] of Object.entries({
    EnrollmentGroup: (name: string, keys: object) =>
      new EnrollmentGroup(name, { service, enrollmentGroupId: name, ...keys }),
    IndividualEnrollment: (name: string, keys: object) =>
      new IndividualEnrollment(name, { service, registrationId: name, ...keys }),
  }))
    describe(`of an ${type}`, () => {
      const keysOf = async (name: string, keys: object): Promise<readonly unknown[]> => {
        const { primaryKey, secondaryKey, primaryKeyId, secondaryKeyId } = make(name, keys);
        return Promise.all([primaryKey, secondaryKey, primaryKeyId, secondaryKeyId].map(known));
      };

      it("without symmetric keys: that there are none", async () => {
        assert.deepEqual(await keysOf("x509", { caReference: "root" }), Array(4).fill(undefined));
      });

      it("with keys in a vault: their IDs", async () => {
        const keys = await keysOf("kept", { symmetricKey: {}, vault });
        assert.deepEqual(keys, [undefined, undefined, "id 1", "id 2"]);
      });

      it("with given keys, and a vault: the keys", async () => {
        const keys = await keysOf("given", { symmetricKey: given, vault });
        assert.deepEqual(keys, ["cA==", "cw==", undefined, undefined]);
      });
    });

  it("of an enrollment without a device ID: that it is the registration ID", async () => {
    const { summary } = new IndividualEnrollment("x509", { service, registrationId: "x509", caReference: "root" });
    assert.deepEqual(await known(summary), { registrationId: "x509", deviceId: "x509", provisioningStatus: "enabled" });
  });

  it("of a device that was revoked before it registered: that it has sent nothing", async () => {
    const identity = { registrationId: "revoked", certificateChain: "chain pem", privateKey: "key pem" };
    const enrollment = { revision: "r1" };
    const { summary } = new SampleDevice("revoked", { service, identity, enrollment, revoked: true });
    const { telemetry, status } = await known(summary);
    assert.deepEqual([telemetry, status], [undefined, "disabled"]);
  });
});
