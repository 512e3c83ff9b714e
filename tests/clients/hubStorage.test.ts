import { strict as assert } from "node:assert";
import { BlobServiceClient, ContainerSASPermissions, StorageSharedKeyCredential } from "@azure/storage-blob";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type Azurite, startAzurite } from "../cast/azurite";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";

describe("files, imports and exports of a hub, by Azure's own Node SDKs, unmodified, in Azurite", function () {
  this.timeout(300_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;
  let azurite: Azurite;
  /** With a shared access signature. */
  let containerUri = "";

  before(async () => {
    [kit, environment, azurite] = await Promise.all([
      clientKit(),
      DeviceEnvironment.open(),
      // azure-iot-device brings a Blob client whose header x-ms-encryption-algorithm Azurite does not know.
      startAzurite({ tokens: false, loose: true }),
    ]);
    const { account, key, url } = azurite;
    const service = new BlobServiceClient(`${url}/${account}`, new StorageSharedKeyCredential(account, key));
    await service.createContainer("uploads");
    const { containerClient } = await service.createContainer("devices");
    const permissions = ContainerSASPermissions.parse("rwd");
    const local = await containerClient.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 3_600_000) });
    containerUri = `https://${account}.blob.core.windows.net/devices${new URL(local).search}`;
    const set = await environment.azure.control("POST", "/storage", { azurite: url });
    assert.equal(set.status, 200);
    const connectionString = `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${key};EndpointSuffix=core.windows.net`;
    const { status, body } = await environment.changeHub({
      storageEndpoints: { $default: { connectionString, containerName: "uploads", sasTtlAsIso8601: "PT5M" } },
      enableFileUploadNotifications: true,
    });
    assert.equal(status, 201, JSON.stringify(body));
    assert.ok(!JSON.stringify(body).includes(key));
  });

  after(async () => {
    await Promise.all([environment?.close(), azurite?.close()]);
  });

  for (const transport of ["Mqtt", "Amqp", "Http"]) {
    it(`uploadToBlob, getBlobSharedAccessSignature and the service's receiver, over ${transport}`, async () => {
      const deviceId = `files-${transport}`;
      const made = await environment.hub("PUT", `/devices/${deviceId}`, { deviceId });
      assert.equal(made.status, 200);
      const device = `HostName=${environment.hubHost};DeviceId=${deviceId};SharedAccessKey=${made.body.authentication.symmetricKey.primaryKey}`;
      const service = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
      const env = applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
      const { code, out, stderr } = await kit.node("fileUpload", [device, service, transport], env);
      assert.equal(code, 0, stderr);
      const host = `https://${azurite.account}.blob.core.windows.net/uploads`;
      assert.deepEqual(JSON.parse(out), {
        again: "Bad Request",
        read: "started",
        notifications: [
          ["telemetry.csv", 15],
          ["logs/today.txt", 7],
        ].map(([file, blobSizeInBytes]) => ({
          deviceId,
          blobUri: `${host}/${deviceId}/${file}`,
          blobName: `${deviceId}/${file}`,
          blobSizeInBytes,
        })),
      });
    });
  }

  it("exportDevicesToBlob and importDevicesFromBlob", async () => {
    const deviceId = "exported";
    await environment.hub("PUT", `/devices/${deviceId}`, { deviceId });
    await environment.hub("PATCH", `/twins/${deviceId}`, { tags: { site: "München" } });
    const service = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
    const env = applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
    const { code, out, stderr } = await kit.node("importExport", [service, containerUri, deviceId], env);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(out), {
      jobs: [
        ["export", "completed", 100, null],
        ["import", "completed", 100, null],
      ],
      sameKey: true,
      tags: { site: "München" },
      errors: "",
      refused: "Unauthorized to write to output blob container",
    });
    const jobs = await environment.exportDevices({ exportBlobContainerUri: containerUri, excludeKeys: true });
    assert.deepEqual([jobs.status, jobs.body.type], [200, "export"], JSON.stringify(jobs.body));
  });
});
