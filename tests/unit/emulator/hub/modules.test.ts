import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { issueSelfSignedDevice } from "../../../../certs/issue";
import type { Request } from "../../../../emulator/kernel/operation";
import { newSigner, stoppedClock } from "../../../cast/certs";
import { HUB_HOST, keyOf } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const KEY = { deviceId: "dev-1", moduleId: "camera" };
const ENTRA = { authorization: "Bearer good@https://iothubs.azure.net" };

describe("IoT Hub service API: modules", () => {
  let owner: HubOwner;

  beforeEach(async () => {
    owner = new HubOwner();
    await owner.device("dev-1");
  });

  const put = (more: object = {}, headers: Record<string, string> = {}, key = KEY) =>
    ["Modules_CreateOrUpdateIdentity", key, { ...key, ...more }, headers] as const;

  it("are created with keys of their own, and listed", async () => {
    const made = await owner.module("dev-1", "camera");
    const { etag, generationId, authentication, ...rest } = made;
    assert.match(generationId, /^\d{18}$/);
    assert.equal(Buffer.from(authentication.symmetricKey.primaryKey, "base64").length, 32);
    assert.deepEqual(rest, {
      moduleId: "camera",
      managedBy: null,
      deviceId: "dev-1",
      connectionState: "Disconnected",
      connectionStateUpdatedTime: "0001-01-01T00:00:00Z",
      lastActivityTime: "0001-01-01T00:00:00Z",
      cloudToDeviceMessageCount: 0,
    });
    const got = await owner.ask("Modules_GetIdentity", KEY);
    assert.deepEqual([got.headers.etag, got.body], [`"${etag}"`, made]);
    await owner.module("dev-1", "Camera");
    const list = await owner.done("Modules_GetModulesOnDevice", { deviceId: "dev-1" });
    assert.deepEqual(
      list.map(({ moduleId }: { moduleId: string }) => moduleId),
      ["Camera", "camera"],
    );
  });

  it("are managed by their device with its own key, and by no other", async () => {
    const primaryKey = keyOf("device");
    const symmetricKey = { primaryKey, secondaryKey: keyOf("other") };
    for (const deviceId of ["own", "stranger"]) {
      await owner.device(deviceId, { authentication: { type: "sas", symmetricKey } });
    }
    const signed = (deviceId: string, key = primaryKey) => ({
      authorization: createSas(
        `${HUB_HOST}/devices/${deviceId}`,
        key,
        Math.floor(owner.plane.clock.now().getTime() / 1000) + 3600,
      ),
    });
    const module = { deviceId: "own", moduleId: "camera" };
    const made = await owner.ask("Modules_CreateOrUpdateIdentity", module, module, signed("own"));
    assert.deepEqual([made.status, made.body.moduleId], [200, "camera"]);
    const list = await owner.ask("Modules_GetModulesOnDevice", { deviceId: "own" }, undefined, signed("own"));
    assert.equal(list.body.length, 1);
    for (const headers of [signed("stranger"), signed("own", keyOf("x"))]) {
      await owner.refused(["Modules_GetIdentity", module, undefined, headers], 401, "IotHubUnauthorizedAccess");
    }
    await owner.refused(
      ["Devices_GetIdentity", { deviceId: "own" }, undefined, signed("own")],
      401,
      "IotHubUnauthorizedAccess",
    );
    // The device signs for its module, too.
    const send = (headers: Record<string, string>) => owner.ask("Device_SendModuleEvent", module, { a: 1 }, headers);
    assert.equal((await send(signed("own"))).status, 204);
    assert.equal((await send(signed("own/modules/camera"))).status, 204);
    for (const headers of [signed("stranger"), signed("own/modules/other"), signed("own", keyOf("x"))]) {
      assert.equal((await send(headers)).status, 401);
    }
    const gone = await owner.ask("Modules_DeleteIdentity", module, undefined, { ...signed("own"), "if-match": "*" });
    assert.equal(gone.status, 204);
  });

  it("change with the ETag or *, and keep their generation", async () => {
    const made = await owner.module("dev-1", "camera");
    const symmetricKey = { primaryKey: keyOf("one"), secondaryKey: keyOf("two") };
    const changed = await owner.done(
      ...put({ authentication: { type: "sas", symmetricKey } }, { "if-match": made.etag }),
    );
    assert.deepEqual(changed.authentication.symmetricKey, symmetricKey);
    assert.equal(changed.generationId, made.generationId);
    await owner.refused([...put({}, { "if-match": made.etag })], 412, "PreconditionFailed", "Module version");
    assert.equal((await owner.ask(...put({}, { "if-match": '"*"' }))).status, 200);
    await owner.refused(
      ["Modules_DeleteIdentity", KEY, undefined, { "if-match": made.etag }],
      412,
      "PreconditionFailed",
    );
    await owner.refused(["Modules_DeleteIdentity", KEY], 412, "PreconditionFailed", "Etag missing");
    assert.equal((await owner.ask("Modules_DeleteIdentity", KEY, undefined, { "if-match": "*" })).status, 204);
    await owner.refused(["Modules_GetIdentity", KEY], 404, "ModuleNotFound", "dev-1/camera");
    await owner.refused([...put({}, { "if-match": "*" })], 404, "ModuleNotFound");
  });

  it("exist once on a device that exists", async () => {
    await owner.module("dev-1", "camera");
    await owner.refused([...put()], 409, "ModuleAlreadyExistsOnDevice", "'dev-1/camera'");
    await owner.refused([...put({}, ENTRA, { ...KEY, deviceId: "none" })], 404, "DeviceNotFound", "none");
    await owner.refused(
      [...put({}, ENTRA, { deviceId: "dev-1/camera", moduleId: "x" })],
      400,
      "CannotRegisterModuleToModule",
    );
    const missing = { ...KEY, deviceId: "none" };
    for (const name of ["Modules_GetModulesOnDevice", "Modules_GetIdentity"]) {
      await owner.refused([name, missing, undefined, ENTRA], 404, "DeviceNotFound");
      await owner.refused([name, missing], 401, "IotHubUnauthorizedAccess", "does not exist");
    }
  });

  it("of a disabled device are for tokens of Entra ID only", async () => {
    await owner.module("dev-1", "camera");
    const disabled = { deviceId: "dev-1", status: "disabled" };
    await owner.done("Devices_CreateOrUpdateIdentity", { deviceId: "dev-1" }, disabled, { "if-match": "*" });
    await owner.refused(["Modules_GetIdentity", KEY], 401, "IotHubUnauthorizedAccess", "disabled");
    assert.equal((await owner.ask("Modules_GetIdentity", KEY, undefined, ENTRA)).status, 200);
    assert.equal((await owner.ask("Modules_GetTwin", KEY)).status, 200);
  });

  it("have keys where they are to have no authentication", async () => {
    const { authentication } = await owner.module("dev-1", "camera", { authentication: { type: "none" } });
    assert.deepEqual([authentication.type, typeof authentication.symmetricKey.primaryKey], ["sas", "string"]);
  });

  it("name all that is wrong in one error", async () => {
    const key = { deviceId: "dev-1", moduleId: "a b" };
    const body = {
      deviceId: "x",
      moduleId: "y",
      authentication: { type: "sas", symmetricKey: { primaryKey: keyOf("one") } },
    };
    const { status, body: response } = await owner.ask("Modules_CreateOrUpdateIdentity", key, body);
    assert.equal(status, 400);
    for (const part of [/"a b" is not a valid module ID/, /deviceId "x" in/, /moduleId "y" in/, /both keys/]) {
      assert.match(response.Message, part);
    }
  });

  it("are at most 50 on a device", async () => {
    for (let n = 0; n < 50; n += 1) await owner.module("dev-1", `m-${n}`);
    await owner.refused([...put()], 413, "TooManyModulesOnDevice", "50");
    await owner.device("dev-2");
    await owner.module("dev-2", "camera");
  });

  it("go with their device", async () => {
    await owner.module("dev-1", "camera");
    await owner.done("Devices_DeleteIdentity", { deviceId: "dev-1" }, undefined, { "if-match": "*" });
    assert.equal(owner.plane.contents().includes("camera"), false);
    await owner.device("dev-1");
    assert.deepEqual(await owner.done("Modules_GetModulesOnDevice", { deviceId: "dev-1" }), []);
    await owner.module("dev-1", "camera");
    owner.plane.directory.remove("hub", "hub-key-hub-1");
    assert.equal(owner.plane.contents().includes("camera"), false);
  });

  it("of the Edge runtime come with an Edge device, and are not changed or removed", async () => {
    await owner.device("gateway", { capabilities: { iotEdge: true } });
    const list = await owner.done("Modules_GetModulesOnDevice", { deviceId: "gateway" });
    assert.deepEqual(
      list.map(({ moduleId, managedBy }: Record<string, string>) => [moduleId, managedBy]),
      [
        ["$edgeAgent", "iotEdge"],
        ["$edgeHub", "iotEdge"],
      ],
    );
    const agent = { deviceId: "gateway", moduleId: "$edgeAgent" };
    await owner.refused([...put({}, { "if-match": "*" }, agent)], 401, "SystemModuleModifyUnauthorizedAccess");
    const remove = ["Modules_DeleteIdentity", agent, undefined, { "if-match": "*" }] as const;
    await owner.refused([...remove], 401, "SystemModuleModifyUnauthorizedAccess", "$edgeAgent");
    await owner.done(
      "Devices_CreateOrUpdateIdentity",
      { deviceId: "gateway" },
      await owner.done("Devices_GetIdentity", { deviceId: "gateway" }),
      { "if-match": "*" },
    );
    assert.deepEqual(await owner.done("Modules_GetModulesOnDevice", { deviceId: "gateway" }), list);
  });

  describe("twins", () => {
    const patch = { tags: { room: 1 }, properties: { desired: { fps: 30 } } };

    it("are apart from the device's", async () => {
      await owner.module("dev-1", "camera");
      const changed = await owner.done("Modules_UpdateTwin", KEY, patch);
      assert.deepEqual([changed.deviceId, changed.moduleId, changed.tags], ["dev-1", "camera", { room: 1 }]);
      assert.deepEqual([changed.properties.desired.fps, changed.properties.desired.$version], [30, 2]);
      assert.deepEqual(await owner.done("Modules_GetTwin", KEY), changed);
      assert.deepEqual((await owner.done("Devices_GetTwin", { deviceId: "dev-1" })).tags, undefined);
      const replaced = await owner.done(
        "Modules_ReplaceTwin",
        KEY,
        { tags: { room: 2 } },
        { "if-match": changed.etag },
      );
      assert.deepEqual([replaced.tags, replaced.properties.desired.fps, replaced.version], [{ room: 2 }, undefined, 3]);
    });

    it("follow the rules of twins", async () => {
      await owner.module("dev-1", "camera");
      await owner.refused(["Modules_UpdateTwin", KEY, { tags: { "a.b": 1 } }], 400, "ArgumentInvalid");
      const stale = { "if-match": "AAAAAAAAAAk=" };
      await owner.refused(["Modules_UpdateTwin", KEY, patch, stale], 412, "PreconditionFailed", "Module twin");
      await owner.refused(["Modules_GetTwin", { ...KEY, moduleId: "none" }], 404, "DeviceNotFound");
      await owner.refused(["Modules_UpdateTwin", { ...KEY, deviceId: "none" }, patch], 404, "DeviceNotFound");
    });

    it("stay when the identity changes", async () => {
      await owner.module("dev-1", "camera");
      await owner.done("Modules_UpdateTwin", KEY, patch);
      await owner.done(...put({ managedBy: "me" }, { "if-match": "*" }));
      const twin = await owner.done("Modules_GetTwin", KEY);
      assert.deepEqual(twin.tags, { room: 1 });
    });
  });

  describe("authentication", () => {
    const at = () => owner.plane.clock.now().getTime() / 1000 + 60;
    const MODULE = `${HUB_HOST}/devices/dev-1/modules/camera`;
    const authenticate = (more: Partial<Request>) => {
      const headers = more.headers ?? {};
      return owner.plane.hubs.devices.authenticate(
        {
          ...{ method: "GET", host: HUB_HOST, path: "/", params: {}, query: new Map(), body: undefined },
          ...{ raw: Buffer.alloc(0), clientChain: () => [], ...more },
          headers,
        },
        KEY,
      );
    };
    const refusedFor = (reason: RegExp) => (error: { headers: Record<string, string> }) => {
      assert.match(`${error.headers["iothub-errorcode"]} ${error.headers["x-local-azure-reason"]}`, reason);
      return true;
    };

    it("takes a signature of the module's key, and of its device's while the hub takes keys of devices", async () => {
      const device = await owner.done("Devices_GetIdentity", { deviceId: "dev-1" });
      const { authentication } = await owner.module("dev-1", "camera");
      const { secondaryKey } = authentication.symmetricKey;
      const { method, module } = authenticate({ headers: { authorization: createSas(MODULE, secondaryKey, at()) } });
      assert.deepEqual([method.scope, method.type, module?.moduleId], ["module", "sas", "camera"]);
      for (const resource of [MODULE, `${HUB_HOST}/devices/dev-1`]) {
        const { primaryKey } = device.authentication.symmetricKey;
        const headers = { authorization: createSas(resource, primaryKey, at()) };
        assert.equal(authenticate({ headers }).module?.moduleId, "camera");
        const stranger = { authorization: createSas(resource, keyOf("stranger"), at()) };
        assert.throws(() => authenticate({ headers: stranger }), refusedFor(/Unauthorized.* signature$/));
      }
      const { directory } = owner.plane;
      directory.hubs = directory.hubs.map((hub) => ({ ...hub, refusesDeviceSas: true }));
      const ofDevice = createSas(MODULE, device.authentication.symmetricKey.primaryKey, at());
      assert.throws(() => authenticate({ headers: { authorization: ofDevice } }), refusedFor(/ signature$/));
      const other = createSas(`${HUB_HOST}/devices/dev-1/modules/other`, secondaryKey, at());
      assert.throws(() => authenticate({ headers: { authorization: other } }), refusedFor(/resource/));
    });

    it("takes the registered certificate", async () => {
      const make = async () =>
        issueSelfSignedDevice({ registrationId: "camera", signer: await newSigner(), clock: stoppedClock() });
      const [leaf, stranger] = [await make(), await make()];
      const x509Thumbprint = { primaryThumbprint: leaf.sha1Thumbprint };
      await owner.module("dev-1", "camera", { authentication: { type: "selfSigned", x509Thumbprint } });
      assert.deepEqual(authenticate({ clientChain: () => [leaf.raw] }).method, {
        scope: "module",
        type: "x509Certificate",
        issuer: "external",
        acceptingIpFilterRule: null,
      });
      assert.throws(() => authenticate({ clientChain: () => [stranger.raw] }), refusedFor(/thumbprint/));
    });

    it("refuses an unknown module, a disabled device, and signatures where the hub does", async () => {
      const authorization = createSas(MODULE, keyOf("x"), at());
      assert.throws(() => authenticate({ headers: { authorization } }), refusedFor(/^ModuleNotFound/));
      const { authentication } = await owner.module("dev-1", "camera");
      const good = createSas(MODULE, authentication.symmetricKey.primaryKey, at());
      await owner.done(
        "Devices_CreateOrUpdateIdentity",
        { deviceId: "dev-1" },
        { deviceId: "dev-1", status: "disabled" },
        { "if-match": "*" },
      );
      assert.throws(() => authenticate({ headers: { authorization: good } }), refusedFor(/disabled/));
      const { directory } = owner.plane;
      directory.hubs = directory.hubs.map((hub) => ({ ...hub, refusesModuleSas: true }));
      assert.throws(() => authenticate({ headers: { authorization: good } }), refusedFor(/disableModuleSAS/));
    });
  });
});
