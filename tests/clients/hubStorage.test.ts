import { strict as assert } from "node:assert";
import { BlobServiceClient, ContainerSASPermissions, StorageSharedKeyCredential } from "@azure/storage-blob";
import { createSas } from "../../azure/sas";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type Azurite, startAzurite } from "../cast/azurite";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { launchTestAzure } from "../cast/launchedAzure";

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
      launchTestAzure().then(DeviceEnvironment.open),
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

  describe("with the hub's identity", () => {
    const ROLE = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    let secured: Azurite;
    let assignment = "";

    before(async () => {
      secured = await startAzurite({ tokens: true });
      const { account, key, url } = secured;
      await environment.azure.control("POST", "/storage", { azurite: url });
      const made = await environment.curl(
        ...["-i", "-X", "PUT", "-H", "x-ms-version: 2021-12-02", "-H", "Content-Length: 0"],
        ...["-H", `Authorization: Bearer ${await environment.bearer("https://storage.azure.com")}`],
        `https://${account}.blob.core.windows.net/uploads?restype=container`,
      );
      assert.equal(made.status, 201, made.text);
      const { status, body } = await environment.changeHub(
        {
          storageEndpoints: {
            $default: {
              connectionString: `DefaultEndpointsProtocol=https;AccountName=${account};EndpointSuffix=core.windows.net`,
              containerName: "uploads",
              authenticationType: "identityBased",
            },
          },
        },
        { identity: { type: "SystemAssigned" } },
      );
      assert.equal(status, 201, JSON.stringify(body));
      assert.ok(!JSON.stringify(body).includes(key));
      const subscription = `/subscriptions/${environment.azure.ready.subscriptionId}`;
      assignment = `${subscription}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-9000-00000000abcd`;
      const assigned = await environment.arm("PUT", assignment, "2022-04-01", {
        properties: {
          roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`,
          principalId: body.identity.principalId,
          principalType: "ServicePrincipal",
        },
      });
      assert.equal(assigned.status, 201, JSON.stringify(assigned.body));
    });

    after(() => secured?.close());

    it("a device uploads by a user delegation key, and the hub finds its blob", async () => {
      const deviceId = "delegated";
      const made = await environment.hub("PUT", `/devices/${deviceId}`, { deviceId });
      const key = made.body.authentication.symmetricKey.primaryKey;
      const sas = createSas(`${environment.hubHost}/devices/${deviceId}`, key, Math.floor(Date.now() / 1000) + 600);
      const post = (path: string, body: object) =>
        environment.curl(
          ...["-i", "-X", "POST", "-H", `Authorization: ${sas}`, "-H", "Content-Type: application/json"],
          ...[
            "-d",
            JSON.stringify(body),
            `https://${environment.hubHost}/devices/${deviceId}${path}?api-version=2021-04-12`,
          ],
        );
      const begun = await post("/files", { blobName: "a.txt" });
      assert.equal(begun.status, 200, begun.text);
      const { hostName, containerName, blobName, sasToken, correlationId } = begun.body;
      assert.match(sasToken, /skoid=/);
      const put = await environment.curl(
        ...["-i", "-X", "PUT", "-H", "x-ms-blob-type: BlockBlob", "-H", "x-ms-version: 2021-12-02", "-d", "hello"],
        `https://${hostName}/${containerName}/${blobName}${sasToken}`,
      );
      assert.equal(put.status, 201, put.text);
      const ended = await post("/files/notifications", { correlationId, isSuccess: true, statusCode: 200 });
      assert.equal(ended.status, 204, ended.text);
      const uri = `https://${secured.account}.blob.core.windows.net/uploads`;
      const exported = await environment.exportDevices({
        exportBlobContainerUri: uri,
        excludeKeys: true,
        authenticationType: "identityBased",
      });
      assert.equal(exported.status, 200, JSON.stringify(exported.body));
      await environment.arm("DELETE", assignment, "2022-04-01");
      const refused = await post("/files", { blobName: "b.txt" });
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, /400022/);
    });
  });
});
