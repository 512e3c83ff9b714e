import { strict as assert } from "node:assert";
import fc from "fast-check";
import { DataPlane, HUB_HOST, keyOf, type Told } from "../../../cast/dataPlane";

const SHA1 = "0123456789abcdef0123456789ABCDEF01234567";

describe("IoT Hub service API: device identities", () => {
  let plane: DataPlane;

  beforeEach(() => {
    plane = new DataPlane();
  });

  const owner = () => ({ authorization: plane.sas(HUB_HOST, "iothubowner") });
  const put = (deviceId: string, body: unknown = { deviceId }, headers: Record<string, string> = {}) =>
    plane.ask("Devices_CreateOrUpdateIdentity", {
      params: { deviceId },
      body,
      headers: { ...owner(), ...headers },
    });
  const get = (deviceId: string, headers: Record<string, string> = {}) =>
    plane.ask("Devices_GetIdentity", { params: { deviceId }, headers: { ...owner(), ...headers } });
  const remove = (deviceId: string, headers: Record<string, string> = {}) =>
    plane.ask("Devices_DeleteIdentity", { params: { deviceId }, headers: { ...owner(), ...headers } });

  async function refused(ask: () => Promise<Told>, status: number, name: string, message: string | RegExp = "") {
    const before = plane.contents();
    const told = await ask();
    assert.deepEqual([told.status, told.headers["iothub-errorcode"]], [status, name], told.body.Message);
    const [, words = ""] = new RegExp(`^ErrorCode:${name};(.*)$`).exec(told.body.Message) ?? [];
    if (typeof message === "string") assert.ok(words.includes(message), words);
    else assert.match(words, message);
    assert.match(told.body.ExceptionMessage, /^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:03\/01\/2026 12:00:00$/);
    assert.equal(plane.contents(), before, "nothing changed");
  }

  it("creates a device with keys of its own making", async () => {
    const made = await put("dev-1");
    assert.equal(made.status, 200);
    const { etag, generationId, authentication, ...rest } = made.body;
    assert.equal(made.headers.etag, `"${etag}"`);
    assert.match(generationId, /^\d{18}$/);
    assert.equal(Buffer.from(authentication.symmetricKey.primaryKey, "base64").length, 32);
    assert.notEqual(authentication.symmetricKey.primaryKey, authentication.symmetricKey.secondaryKey);
    assert.deepEqual(
      { ...authentication, symmetricKey: {} },
      { type: "sas", symmetricKey: {}, x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null } },
    );
    assert.deepEqual(rest, {
      deviceId: "dev-1",
      connectionState: "Disconnected",
      status: "enabled",
      connectionStateUpdatedTime: "0001-01-01T00:00:00Z",
      statusUpdatedTime: "2026-03-01T12:00:00.000Z",
      lastActivityTime: "0001-01-01T00:00:00Z",
      cloudToDeviceMessageCount: 0,
      capabilities: { iotEdge: false },
    });
    assert.deepEqual((await get("dev-1")).body, made.body);
  });

  it("tells letter case apart, unlike DPS", async () => {
    await put("Dev-1");
    await refused(() => get("dev-1"), 404, "DeviceNotFound", "dev-1");
    assert.equal((await put("dev-1")).status, 200);
  });

  it("keeps keys and thumbprints that it is given", async () => {
    const symmetricKey = { primaryKey: keyOf("one"), secondaryKey: keyOf("two") };
    const sas = await put("a", {
      deviceId: "a",
      status: "disabled",
      statusReason: "lost",
      authentication: { type: "sas", symmetricKey },
    });
    assert.deepEqual(sas.body.authentication.symmetricKey, symmetricKey);
    assert.deepEqual([sas.body.status, sas.body.statusReason], ["disabled", "lost"]);
    const x509Thumbprint = { primaryThumbprint: SHA1, secondaryThumbprint: "ab".repeat(32) };
    const x509 = await put("b", { deviceId: "b", authentication: { type: "selfSigned", x509Thumbprint } });
    assert.deepEqual(x509.body.authentication.x509Thumbprint, {
      primaryThumbprint: SHA1.toUpperCase(),
      secondaryThumbprint: "AB".repeat(32),
    });
  });

  describe("ETags", () => {
    it("creates without If-Match, and not twice", async () => {
      await put("dev-1");
      await refused(() => put("dev-1"), 409, "DeviceAlreadyExists", "'dev-1'");
    });

    it("changes with the tag or *, in whatever quotation marks", async () => {
      const { body } = await put("dev-1");
      for (const wrap of [(tag: string) => tag, (tag: string) => `"${tag}"`, () => '"*"', () => "*"]) {
        const known = (await get("dev-1")).body;
        const changed = await put("dev-1", { ...known, status: "disabled" }, { "if-match": wrap(known.etag) });
        assert.equal(changed.status, 200);
        assert.notEqual(changed.body.etag, known.etag);
        assert.equal(changed.body.generationId, body.generationId);
        assert.deepEqual(changed.body.authentication, body.authentication);
      }
    });

    it("refuses a stale tag, and any tag where there is nothing", async () => {
      const { body } = await put("dev-1");
      await put("dev-1", { deviceId: "dev-1" }, { "if-match": "*" });
      const stale = { "if-match": body.etag };
      await refused(() => put("dev-1", { deviceId: "dev-1" }, stale), 412, "PreconditionFailed");
      await refused(() => remove("dev-1", stale), 412, "PreconditionFailed");
      await refused(() => put("dev-2", { deviceId: "dev-2" }, { "if-match": "*" }), 404, "DeviceNotFound");
    });

    it("wants If-Match for a delete", async () => {
      await put("dev-1");
      await refused(() => remove("dev-1"), 400, "ArgumentInvalid", "If-Match header is required");
      assert.equal((await remove("dev-1", { "if-match": '"*"' })).status, 204);
      await refused(() => remove("dev-1", { "if-match": "*" }), 404, "DeviceNotFound", "dev-1");
    });
  });

  describe("rules", () => {
    it("names all that is wrong in one error", async () => {
      const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "xyz" } };
      const body = {
        deviceId: "other",
        status: "on",
        statusReason: 1,
        capabilities: { iotEdge: "no" },
        authentication,
      };
      const told = await put("a b", body);
      assert.equal(told.status, 400);
      for (const part of [
        /"a b" is not a valid device ID/,
        /"other" in the body/,
        /status is/,
        /statusReason/,
        /iotEdge/,
      ]) {
        assert.match(told.body.Message, part);
      }
      assert.match(told.body.Message, /primaryThumbprint is no SHA-1/);
    });

    const wrong: readonly (readonly [string, object, RegExp])[] = [
      ["a thumbprint missing", { type: "selfSigned" }, /needs a thumbprint/],
      ["a key that is not base64", { type: "sas", symmetricKey: { primaryKey: "ä" } }, /primaryKey is not base64/],
      ["a short key", { type: "sas", symmetricKey: { primaryKey: "AAAA" } }, /has 3 octets, not 16 to 64/],
      ["keys that are no object", { type: "sas", symmetricKey: "x" }, /symmetricKey is no object/],
      ["thumbprints that are no object", { type: "selfSigned", x509Thumbprint: 5 }, /x509Thumbprint is no object/],
      ["an unknown type", { type: "magic" }, /none of sas, selfSigned/],
    ];
    for (const member of ["authentication", "capabilities"]) {
      it(`refuses ${member} that is no object`, () =>
        refused(
          () => put("dev-1", { deviceId: "dev-1", [member]: "x" }),
          400,
          "ArgumentInvalid",
          `${member} is no object`,
        ));
    }
    for (const [what, authentication, message] of wrong) {
      it(`refuses ${what}`, () =>
        refused(() => put("dev-1", { deviceId: "dev-1", authentication }), 400, "ArgumentInvalid", message));
    }

    it("refuses a body that is no object", () => refused(() => put("dev-1", "x"), 400, "ArgumentInvalid"));

    it("says loudly which authentication it does not simulate", async () => {
      for (const type of ["certificateAuthority", "none"]) {
        const body = { deviceId: "dev-1", authentication: { type } };
        await refused(() => put("dev-1", body), 501, "NotSimulated", `type ${type} is not simulated`);
      }
    });

    it("takes device IDs by Azure's rule and no others", async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 1, maxLength: 140 }), async (id) => {
          const { status } = await put(id, { deviceId: id }, {});
          const right = id.length <= 128 && /^[A-Za-z0-9\-.%_#*?!(),:=@$'+]+$/.test(id);
          assert.equal(status, right ? 200 : 400, id);
          if (right) await remove(id, { "if-match": "*" });
        }),
        { numRuns: 100, examples: [["a#b%c"], ["a/b"], ["a".repeat(129)]] },
      );
    });
  });

  describe("lists", () => {
    beforeEach(async () => {
      for (const id of ["a", "b", "c"]) await put(id, { deviceId: id, status: id === "c" ? "disabled" : "enabled" });
    });
    const ids = (told: Told): string[] => told.body.map(({ deviceId }: { deviceId: string }) => deviceId);

    it("gives the first of them", async () => {
      const list = (query: Record<string, string>) => plane.ask("Devices_GetDevices", { query });
      assert.deepEqual(ids(await list({})), ["a", "b", "c"]);
      assert.deepEqual(ids(await list({ top: "2" })), ["a", "b"]);
      await refused(() => list({ top: "0" }), 400, "ArgumentInvalid", "top");
    });

    it("pages twins by SELECT * FROM devices", async () => {
      const query = (headers: Record<string, string> = {}, text = "SELECT * FROM devices") =>
        plane.ask("Query_GetTwins", { body: { query: text }, headers: { ...owner(), ...headers } });
      const first = await query({ "x-ms-max-item-count": "2" });
      assert.deepEqual(ids(first), ["a", "b"]);
      assert.equal(first.headers["x-ms-item-type"], "Twin");
      assert.equal(first.body[0].properties.desired.$version, 1);
      const rest = await query({ "x-ms-continuation": first.headers["x-ms-continuation"] ?? "" });
      assert.deepEqual(ids(rest), ["c"]);
      assert.equal(rest.headers["x-ms-continuation"], undefined);
      await refused(() => query({}, "SELECT deviceId FROM devices"), 501, "NotSimulated");
      // Blanks without end would keep the pattern, and with it the whole process, busy for hours.
      const long = `SELECT * FROM devices${" ".repeat(4096)}x`;
      await refused(() => query({}, long), 400, "ArgumentInvalid", "more than 4096 characters");
      await refused(() => plane.ask("Query_GetTwins", { body: {} }), 400, "ArgumentInvalid");
    });

    it("counts", async () => {
      const { body } = await plane.ask("Statistics_GetDeviceStatistics");
      assert.deepEqual(body, { totalDeviceCount: 3, enabledDeviceCount: 2, disabledDeviceCount: 1 });
    });
  });

  describe("authorization", () => {
    const wrong: readonly (readonly [string, (plane: DataPlane) => string])[] = [
      ["no header", () => ""],
      ["a wrong key", (plane) => plane.sas(HUB_HOST, "iothubowner", { key: keyOf("wrong") })],
      ["an expired signature", (plane) => plane.sas(HUB_HOST, "iothubowner", { seconds: 0 })],
      ["another hub's signature", (plane) => plane.sas("hub-2.azure-devices.net", "iothubowner")],
      ["a signature for a device alone", (plane) => plane.sas(`${HUB_HOST}/devices/other`, "iothubowner")],
      ["a policy without the right", (plane) => plane.sas(HUB_HOST, "device")],
      ["a token for another audience", () => "Bearer good@https://azure-devices-provisioning.net"],
    ];
    for (const [what, header] of wrong) {
      it(`refuses ${what}`, () =>
        refused(() => get("dev-1", { authorization: header(plane) }), 401, "IotHubUnauthorizedAccess", "Unauthorized"));
    }

    it("takes Entra's token, and lets a reader only read", async () => {
      await put("dev-1");
      assert.equal((await get("dev-1", { authorization: "Bearer good@https://iothubs.azure.net" })).status, 200);
      const reader = { authorization: plane.sas(HUB_HOST, "registryRead") };
      assert.equal((await get("dev-1", reader)).status, 200);
      await refused(() => put("dev-2", { deviceId: "dev-2" }, reader), 401, "IotHubUnauthorizedAccess");
      await refused(() => remove("dev-1", { ...reader, "if-match": "*" }), 401, "IotHubUnauthorizedAccess");
    });

    it("knows no hub at another host name", async () => {
      const ask = () => plane.ask("Devices_GetDevices", { host: "hub-9.azure-devices.net" });
      await refused(ask, 401, "IotHubNotFound", "hub-9.azure-devices.net");
    });
  });
});
