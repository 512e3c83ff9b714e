import { strict as assert } from "node:assert";
import { forge, type Hierarchy, newHierarchy, newSigner } from "../../../cast/certs";
import { HUB_HOST, type TestRequest } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const ID = "device-01";

describe("IoT Hub device API: devices by a certificate authority", () => {
  let hierarchy: Hierarchy;
  let owner: HubOwner;
  let chain: TestRequest["chain"];

  before(async () => {
    hierarchy = await newHierarchy();
  });

  beforeEach(async () => {
    owner = new HubOwner();
    chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
    await owner.device(ID, { authentication: { type: "certificateAuthority" } });
  });

  const send = (more: TestRequest = {}, deviceId = ID) =>
    owner.plane.ask("Device_SendDeviceEvent", { params: { deviceId }, chain, raw: Buffer.from("{}"), ...more });

  async function refused(reason: RegExp, ...request: Parameters<typeof send>): Promise<void> {
    const { status, headers } = await send(...request);
    assert.deepEqual([status, headers["iothub-errorcode"]], [401, "IotHubUnauthorizedAccess"]);
    assert.match(headers["x-local-azure-reason"] ?? "", reason);
  }

  it("takes a chain to a verified certificate of the hub", async () => {
    owner.plane.directory.trust("root", hierarchy.root.certificate);
    assert.equal((await send()).status, 204);
    const [event] = owner.plane.hubs.events.read("hub-1") ?? [];
    assert.match(
      event?.systemProperties["iothub-connection-auth-method"] ?? "",
      /"x509Certificate","issuer":"external"/,
    );
  });

  it("takes a leaf below a verified intermediate, presented alone", async () => {
    owner.plane.directory.trust("intermediate", hierarchy.intermediate.certificate);
    assert.equal((await send({ chain: [hierarchy.device.certificate] })).status, 204);
  });

  it("refuses a chain to nothing, and to a certificate that is not verified", async () => {
    await refused(/./);
    owner.plane.directory.trust("root", hierarchy.root.certificate, false);
    await refused(/./);
    owner.plane.directory.trust("other", (await newHierarchy()).root.certificate);
    await refused(/./);
  });

  it("refuses a leaf of another name, whatever its letter case", async () => {
    owner.plane.directory.trust("root", hierarchy.root.certificate);
    for (const deviceId of ["Device-01", "device-02"]) {
      await owner.device(deviceId, { authentication: { type: "certificateAuthority" } });
      await refused(new RegExp(`common name device-01 is not ${deviceId}`), {}, deviceId);
    }
  });

  it("refuses an intermediate left out, an expired leaf, and the intermediate itself", async () => {
    owner.plane.directory.trust("root", hierarchy.root.certificate);
    await refused(/./, { chain: [hierarchy.device.certificate] });
    await refused(/common name/, { chain: [hierarchy.intermediate.certificate] });
    owner.plane.clock.advance(20 * 365 * 86_400);
    await refused(/expired/);
  });

  it("refuses the device's chain where the device authenticates by key", async () => {
    owner.plane.directory.trust("root", hierarchy.root.certificate);
    await owner.done(
      "Devices_CreateOrUpdateIdentity",
      { deviceId: ID },
      { deviceId: ID, authentication: { type: "sas" } },
      { "if-match": "*" },
    );
    await refused(/the device authenticates by sas/);
  });

  it("takes a module's chain by the name of device and module", async () => {
    owner.plane.directory.trust("root", hierarchy.root.certificate);
    await owner.module(ID, "camera", { authentication: { type: "certificateAuthority" } });
    const { publicKey } = await newSigner();
    const authenticate = async (commonName: string) => {
      const leaf = await forge({ issuer: hierarchy.intermediate, publicKey, commonName });
      const clientChain = () => [leaf.raw, hierarchy.intermediate.certificate.raw];
      const request = { method: "GET", host: HUB_HOST, path: "/", params: {}, query: new Map(), headers: {} };
      const raw = Buffer.alloc(0);
      const key = { deviceId: ID, moduleId: "camera" };
      return owner.plane.hubs.devices.authenticate({ ...request, body: undefined, raw, clientChain }, key).module
        ?.moduleId;
    };
    assert.equal(await authenticate(`${ID}/camera`), "camera");
    await assert.rejects(authenticate(ID), { status: 401 });
  });
});
