import { strict as assert } from "node:assert";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { handler as revocationsHandler } from "../../../providers/handlers/revocationsHandler";
import { newHierarchy } from "../../cast/certs";
import { DataPlane } from "../../cast/dataPlane";
import { dpsGateway } from "../../cast/dpsGateway";
import { fakeAzure } from "../../cast/fakeGateway";

const SERVICE = "dps-1.azure-devices-provisioning.net";

describe("revocations at the local DPS", () => {
  it("leave what an enrollment says, its symmetric keys and its certificate, through a block and its end", async () => {
    const { device } = await newHierarchy();
    for (const inputs of [
      { registrationId: "keyed", symmetricKey: {} },
      { registrationId: "device-01", certificate: device.certificate.toPem(), initialTwin: { tags: { site: "a" } } },
    ]) {
      const gateway = dpsGateway(new DataPlane(), fakeAzure());
      const enrollment = individualHandler(gateway);
      const checked = (await enrollment.check({}, { serviceEndpoint: SERVICE, ...inputs })).inputs;
      const { id, outs } = await enrollment.create(checked);
      const same = ["primaryKey", "secondaryKey", "certificate", "initialTwin"].map((name) => outs[name]);
      const seen = async (): Promise<unknown[]> => {
        const { props } = await enrollment.read(id, outs);
        const names = ["provisioningStatus", "primaryKey", "secondaryKey", "certificate", "initialTwin"];
        return names.map((name) => props[name]);
      };

      const { registrationId } = inputs;
      const revoked = (devices: readonly object[]) => ({ serviceEndpoint: SERVICE, devices, thumbprints: [] });
      const blocked = await revocationsHandler(gateway).create(revoked([{ registrationId }]));
      assert.deepEqual(await seen(), ["disabled", ...same]);
      await revocationsHandler(gateway).update(blocked.id, blocked.outs, revoked([]));
      assert.deepEqual(await seen(), ["enabled", ...same]);
    }
  });
});
