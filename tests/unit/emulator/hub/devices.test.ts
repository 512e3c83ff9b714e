import { strict as assert } from "node:assert";
import fc from "fast-check";
import { DataPlane, HUB_HOST, keyOf, type TestResponse } from "../../../cast/dataPlane";

const bytes = (count: number): string => Buffer.alloc(count, 1).toString("base64");
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

  async function refused(
    ask: () => Promise<TestResponse>,
    status: number,
    name: string,
    message: string | RegExp = "",
  ) {
    const before = plane.contents();
    const response = await ask();
    assert.deepEqual([response.status, response.headers["iothub-errorcode"]], [status, name], response.body.Message);
    const [, words = ""] = new RegExp(`^ErrorCode:${name};(.*)$`).exec(response.body.Message) ?? [];
    if (typeof message === "string") assert.ok(words.includes(message), words);
    else assert.match(words, message);
    assert.match(response.body.ExceptionMessage, /^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:03\/01\/2026 12:00:00$/);
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

  it("distinguishes letter case, unlike DPS", async () => {
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
    assert.deepEqual(x509.body.authentication.x509Thumbprint, x509Thumbprint);
  });

  it("reads null and empty as absent, and accepts keys of 16 to 64 bytes and only a secondary thumbprint", async () => {
    const sas = await put("a", {
      ...{ deviceId: "a", status: null, statusReason: null, capabilities: { iotEdge: null } },
      authentication: { type: null, symmetricKey: { primaryKey: null, secondaryKey: "" }, x509Thumbprint: null },
    });
    assert.equal(sas.status, 200, sas.body.Message);
    assert.deepEqual([sas.body.status, sas.body.capabilities.iotEdge], ["enabled", false]);
    assert.ok(!("statusReason" in sas.body));
    assert.equal(Buffer.from(sas.body.authentication.symmetricKey.secondaryKey, "base64").length, 32);
    const symmetricKey = { primaryKey: bytes(64), secondaryKey: bytes(16) };
    const nothing = await put("b", { deviceId: "b", authentication: { symmetricKey } });
    assert.equal(nothing.body.authentication.symmetricKey.primaryKey, bytes(64));
    assert.equal((await put("c", { deviceId: "c", authentication: null, capabilities: null })).status, 200);
    const x509Thumbprint = { primaryThumbprint: "", secondaryThumbprint: SHA1 };
    const second = await put("d", { deviceId: "d", authentication: { x509Thumbprint } });
    assert.deepEqual(second.body.authentication.x509Thumbprint, {
      primaryThumbprint: null,
      secondaryThumbprint: SHA1,
    });
  });

  it("keeps the edge capability, and the time of the last change of status", async () => {
    const made = await put("e", { deviceId: "e", capabilities: { iotEdge: true } });
    assert.equal(made.body.capabilities.iotEdge, true);
    plane.clock.advance(60);
    const same = await put("e", { ...made.body, statusReason: "x" }, { "if-match": "*" });
    assert.equal(same.body.statusUpdatedTime, made.body.statusUpdatedTime);
    const other = await put("e", { ...made.body, status: "disabled" }, { "if-match": "*" });
    assert.equal(other.body.statusUpdatedTime, "2026-03-01T12:01:00.000Z");
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

    it("requires If-Match for a delete", async () => {
      await put("dev-1");
      await refused(() => remove("dev-1"), 412, "PreconditionFailed", "Etag missing");
      assert.equal((await remove("dev-1", { "if-match": '"*"' })).status, 204);
      await refused(() => remove("dev-1", { "if-match": "*" }), 404, "DeviceNotFound", "dev-1");
    });
  });

  describe("rules", () => {
    it("names all that is wrong in one error: first all types, then errors of values", async () => {
      const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "xyz" } };
      const body = {
        deviceId: "other",
        status: "on",
        statusReason: 1,
        capabilities: { iotEdge: "no" },
        authentication,
      };
      const response = await put("a b", body);
      assert.equal(response.status, 400);
      for (const part of [
        /status must be one of enabled, disabled, not "on"/,
        /statusReason must be a string, not 1/,
        /iotEdge must be true or false, not "no"/,
        /primaryThumbprint must be a SHA-1/,
      ]) {
        assert.match(response.body.Message, part);
      }
      const oneKey = { type: "sas", symmetricKey: { primaryKey: bytes(16) } };
      const values = await put("a b", { deviceId: "other", authentication: oneKey });
      assert.equal(values.status, 400);
      for (const part of [/"a b" is not a valid device ID/, /"other" in the body/, /both keys/]) {
        assert.match(values.body.Message, part);
      }
    });

    const wrong: readonly (readonly [string, object, RegExp])[] = [
      ["one key of two", { type: "sas", symmetricKey: { primaryKey: bytes(16) } }, /Either no keys or both keys/],
      ["no authentication at all", { type: "none" }, /a type other than none/],
      ["a key that is not base64", { type: "sas", symmetricKey: { primaryKey: "ä" } }, /primaryKey must be base64/],
      ["a short key", { type: "sas", symmetricKey: { primaryKey: "AAAA" } }, /has 3 bytes, not 16 to 64/],
      ["a key of 15 bytes", { type: "sas", symmetricKey: { secondaryKey: bytes(15) } }, /secondaryKey has 15 bytes/],
      ["a key of 65 bytes", { type: "sas", symmetricKey: { primaryKey: bytes(65) } }, /primaryKey has 65 bytes, not/],
      ["a key that is no text", { type: "sas", symmetricKey: { primaryKey: 5 } }, /primaryKey must be a string/],
      [
        "a thumbprint in a list",
        { type: "selfSigned", x509Thumbprint: { primaryThumbprint: [SHA1] } },
        /primaryThumbprint must be a string/,
      ],
      [
        "a thumbprint with something after it",
        { type: "selfSigned", x509Thumbprint: { secondaryThumbprint: `${SHA1}0` } },
        /secondaryThumbprint must be a SHA-1 \(40\) or SHA-256/,
      ],
      ["keys that are no object", { type: "sas", symmetricKey: "x" }, /symmetricKey must be an object/],
      ["thumbprints that are no object", { type: "selfSigned", x509Thumbprint: 5 }, /x509Thumbprint must be an object/],
      ["an unknown type", { type: "magic" }, /authentication.type must be one of sas, selfSigned/],
    ];
    for (const member of ["authentication", "capabilities"]) {
      it(`refuses ${member} that is no object`, () =>
        refused(
          () => put("dev-1", { deviceId: "dev-1", [member]: "x" }),
          400,
          "ArgumentInvalid",
          `${member} must be an object`,
        ));
    }
    for (const [what, authentication, message] of wrong) {
      it(`refuses ${what}`, () =>
        refused(() => put("dev-1", { deviceId: "dev-1", authentication }), 400, "ArgumentInvalid", message));
    }

    it("refuses a body that is no object", () => refused(() => put("dev-1", "x"), 400, "ArgumentInvalid"));

    it("keeps no key of a device that has none of its own", async () => {
      for (const type of ["certificateAuthority"]) {
        const { status, body } = await put(type, { deviceId: type, authentication: { type } });
        assert.deepEqual(
          [status, body.authentication],
          [
            200,
            {
              type,
              symmetricKey: { primaryKey: null, secondaryKey: null },
              x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
            },
          ],
        );
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
    const ids = (response: TestResponse): string[] =>
      response.body.map(({ deviceId }: { deviceId: string }) => deviceId);

    it("gives the first of them", async () => {
      const list = (query: Record<string, string>) => plane.ask("Devices_GetDevices", { query });
      assert.deepEqual(ids(await list({})), ["a", "b", "c"]);
      assert.deepEqual(ids(await list({ top: "2" })), ["a", "b"]);
      assert.deepEqual(ids(await list({ top: "" })), ["a", "b", "c"]);
      for (const top of ["0", "-1", "1001", "1234567"]) assert.deepEqual(ids(await list({ top })), ["a", "b", "c"]);
      for (const top of ["x1", "1x", "1.5", "1e3"])
        await refused(() => list({ top }), 400, "ArgumentInvalid", "top is no number");
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
      assert.deepEqual(ids(await query({}, " select *  from Devices ; ")), ["a", "b", "c"]);
      // Blanks without end would keep the pattern, and with it the whole process, busy for hours.
      const long = `SELECT * FROM devices${" ".repeat(8192)}x`;
      await refused(() => query({}, long), 400, "ArgumentInvalid", "query must have at most 8192 characters");
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
