import { strict as assert } from "node:assert";
import { createSas } from "../../azure/sas";
import type { CurlResponse } from "../cast/curl";
import { DeviceScene } from "../cast/deviceScene";

/** The document's headers, with its two blanks. */
const JSON_HEADERS = ["-H", "Content-Type: application/json", "-H", "Content-Encoding:  utf-8"];
const FULL_CHAIN = "certs/device-01-full-chain.cert.pem";
const INTERMEDIATE = "certs/azure-iot-test-only.intermediate.cert.pem";

describe("a device over HTTPS with curl, as Microsoft's document does it", function () {
  this.timeout(300_000);
  let scene: DeviceScene;

  before(async () => {
    scene = await DeviceScene.open();
    const group = await scene.service("PUT", "/enrollmentGroups/line-1", {
      enrollmentGroupId: "line-1",
      attestation: {
        type: "x509",
        x509: { signingCertificates: { primary: { certificate: scene.read(INTERMEDIATE) } } },
      },
    });
    assert.equal(group.status, 200, group.text);
    const individual = await scene.service("PUT", "/enrollments/my-x509-device", {
      registrationId: "my-x509-device",
      deviceId: "my-device",
      attestation: {
        type: "x509",
        x509: { clientCertificates: { primary: { certificate: scene.read("device-cert.pem") } } },
      },
    });
    assert.equal(individual.status, 200, individual.text);
  });

  after(() => scene?.close());

  const url = (id: string, rest: string, scope = scene.idScope): string =>
    `https://global.azure-devices-provisioning.net/${scope}/registrations/${id}${rest}?api-version=2019-03-31`;

  const register = (id: string, cert: string, key: string, scope = scene.idScope): Promise<CurlResponse> =>
    scene.curl(
      ...["-L", "-i", "-X", "PUT", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", JSON.stringify({ registrationId: id }), url(id, "/register", scope)],
    );

  /** Registers, asks, looks up and sends telemetry by the four commands of the document. */
  async function wholeWay(id: string, deviceId: string, cert: string, key: string): Promise<void> {
    const begun = await register(id, cert, key);
    assert.equal(begun.status, 202, `${begun.complaint}${begun.text}`);
    assert.equal(begun.body.status, "assigning");
    assert.equal(begun.headers.location, url(id, "/register").split("?")[0]);
    assert.match(begun.headers["retry-after"] ?? "", /^\d+$/);
    assert.match(begun.headers["x-ms-request-id"] ?? "", /^[0-9a-f-]{36}$/);

    const operation = url(id, `/operations/${begun.body.operationId}`);
    const done = await scene.curl("-L", "-i", "-X", "GET", "--cert", cert, "--key", key, ...JSON_HEADERS, operation);
    assert.equal(done.status, 200, done.text);
    assert.equal(done.body.status, "assigned");
    const state = done.body.registrationState;
    assert.equal(state.assignedHub, scene.hubHost);
    assert.equal(state.deviceId, deviceId);
    assert.equal(state.substatus, "initialAssignment");
    assert.match(state.createdDateTimeUtc, /\.\d{7}Z$/);

    const looked = await scene.curl(
      ...["-L", "-i", "-X", "POST", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", JSON.stringify({ registrationId: id }), url(id, "")],
    );
    assert.equal(looked.status, 200, looked.text);
    assert.deepEqual(looked.body, state);

    const events = `https://${state.assignedHub}/devices/${deviceId}/messages/events?api-version=2020-03-13`;
    const sent = await scene.curl(
      ...["-L", "-i", "-X", "POST", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", '{"temperature": 30}', events],
    );
    assert.equal(sent.status, 204, sent.text);
    assert.equal(sent.headers["content-length"], "0");

    const seen = await scene.azure.control("GET", `/hubs/scene-hub/events?deviceId=${deviceId}`);
    const [event] = (seen.body as { events: { deviceId: string; body: unknown; systemProperties: object }[] }).events;
    assert.deepEqual(event?.body, { temperature: 30 });
    assert.equal(event?.deviceId, deviceId);
  }

  it("takes a self-signed certificate of an individual enrollment, its key under a passphrase", async () => {
    await wholeWay("my-x509-device", "my-device", "device-cert.pem:1234", "device-key.pem");
  });

  it("takes a chain in an enrollment group", async () => {
    await wholeWay("device-01", "device-01", FULL_CHAIN, "private/device-01.key.pem");
  });

  /** What `az iot dps enrollment-group create` sends for `--certificate-path FILE` and for `--ca-name NAME`. */
  const groupForms: Readonly<Record<string, () => object>> = {
    "--ca-name": () => ({ caReferences: { primary: "azure-iot-test-only.root.ca" } }),
    "--certificate-path": () => ({
      signingCertificates: { primary: { certificate: scene.read(INTERMEDIATE).trim() } },
    }),
  };
  for (const [flag, x509] of Object.entries(groupForms)) {
    it(`takes a chain in a group that was made with ${flag}`, async () => {
      assert.equal((await scene.service("DELETE", "/enrollmentGroups/line-1")).status, 204);
      const made = await scene.service("PUT", "/enrollmentGroups/line-1", {
        enrollmentGroupId: "line-1",
        attestation: { type: "x509", x509: x509() },
        capabilities: { iotEdge: false },
        initialTwin: { tags: {}, properties: { desired: {} } },
        provisioningStatus: "enabled",
        reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
      });
      assert.equal(made.status, 200, made.text);
      await wholeWay("device-01", "device-01", FULL_CHAIN, "private/device-01.key.pem");
    });
  }

  it("refuses a group made with --ca-name for a CA that is not verified, or not there", async () => {
    for (const [primary, told] of [
      ["unverified.root.ca", /the certificate "unverified\.root\.ca" is not verified/],
      ["nobody", /has no certificate "nobody"/],
    ] as const) {
      const attestation = { type: "x509", x509: { caReferences: { primary } } };
      const { status, body } = await scene.service("PUT", "/enrollmentGroups/b", {
        enrollmentGroupId: "b",
        attestation,
      });
      assert.deepEqual([status, body.errorCode], [400, 400004]);
      assert.match(body.message, told);
    }
  });

  it("goes on with what it knew after it was killed", async () => {
    await scene.azure.kill();
    await scene.azure.restart();
    const again = await register("device-01", FULL_CHAIN, "private/device-01.key.pem");
    assert.equal(again.status, 202, again.text);
    const { body } = await scene.service("GET", "/registrations/device-01");
    assert.equal(body.status, "assigned");
  });

  describe("is refused, and nothing changes", () => {
    let before: string;

    beforeEach(async () => {
      before = await scene.contents();
    });

    afterEach(async () => {
      assert.equal((await scene.azure.control("POST", "/clock", { offsetSeconds: 0 })).status, 200);
      assert.equal(await scene.contents(), before);
    });

    const expect = async (
      answer: Promise<CurlResponse>,
      code: number,
      message: string,
      status = Math.floor(code / 1000),
    ) => {
      const { body, text, ...got } = await answer;
      assert.equal(got.status, status, `${got.complaint}${text}`);
      assert.equal(body?.errorCode, code, text);
      assert.equal(body.message, message);
    };

    const shift = async (days: number): Promise<void> => {
      const { status } = await scene.azure.control("POST", "/clock", { offsetSeconds: days * 86_400 });
      assert.equal(status, 200);
    };

    it("without a client certificate", async () => {
      const body = ["-d", '{"registrationId":"device-01"}'];
      const bare = scene.curl("-L", "-i", "-X", "PUT", ...JSON_HEADERS, ...body, url("device-01", "/register"));
      await expect(bare, 401002, "Unauthorized");
    });

    it("with the leaf alone", async () => {
      const leaf = register("device-01", "certs/device-01.cert.pem", "private/device-01.key.pem");
      await expect(leaf, 401002, "CA certificate not found");
    });

    it("with a chain to a root that is not verified", async () => {
      scene.issue("stranger", { ca: "certs/unverified.root.ca" });
      scene.chain("stranger.pem", "certs/stranger.cert.pem", "certs/unverified.root.ca.cert.pem");
      await expect(
        register("stranger", "stranger.pem", "private/stranger.key.pem"),
        401002,
        "CA certificate not found",
      );
    });

    it("with another common name", async () => {
      await expect(register("device-02", FULL_CHAIN, "private/device-01.key.pem"), 401002, "Unauthorized");
    });

    it("with a certificate that expired, or is not valid yet", async () => {
      await shift(31);
      await expect(register("device-01", FULL_CHAIN, "private/device-01.key.pem"), 401002, "Invalid certificate.");
      await shift(-2);
      await expect(register("device-01", FULL_CHAIN, "private/device-01.key.pem"), 401002, "Invalid certificate.");
    });

    it("with a server's extended key usage", async () => {
      scene.issue("server", { eku: "serverAuth" });
      scene.chain("server.pem", "certs/server.cert.pem", INTERMEDIATE);
      await expect(register("server", "server.pem", "private/server.key.pem"), 401002, "Invalid certificate.");
    });

    it("with the key of another certificate: curl's TLS does not even begin", async () => {
      scene.issue("other");
      const answer = await register("device-01", FULL_CHAIN, "private/other.key.pem");
      assert.equal(answer.exitCode, 58, answer.complaint);
      assert.equal(answer.status, 0);
    });

    it("at an unknown ID scope", async () => {
      const answer = register("device-01", FULL_CHAIN, "private/device-01.key.pem", "0ne00FFFFFF");
      await expect(answer, 404201, "Enrollment not found.");
    });

    it("in a disabled group: status disabled, no assignment", async () => {
      const { body: group } = await scene.service("GET", "/enrollmentGroups/line-1");
      const etag = [`If-Match: ${group.etag}`];
      const disabled = { ...group, provisioningStatus: "disabled" };
      const put = await scene.service("PUT", "/enrollmentGroups/line-1", disabled, etag);
      assert.equal(put.status, 200, put.text);
      scene.issue("late");
      scene.chain("late.pem", "certs/late.cert.pem", INTERMEDIATE);
      const answer = await register("late", "late.pem", "private/late.key.pem");
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.status, "disabled");
      const enabled = { ...group, provisioningStatus: "enabled" };
      await scene.service("PUT", "/enrollmentGroups/line-1", enabled, ["If-Match: *"]);
    });

    it("when its certificate, or the one that issued it, stands in a disabled enrollment, whatever group is enabled", async () => {
      const root = "azure-iot-test-only.root.ca";
      const caReferences = { primary: root, secondary: null };
      const all = { enrollmentGroupId: "all", attestation: { type: "x509", x509: { caReferences } } };
      assert.equal((await scene.service("PUT", "/enrollmentGroups/all", all)).status, 200);
      const { body: group } = await scene.service("GET", "/enrollmentGroups/line-1");
      const disabled = { provisioningStatus: "disabled" };
      const any = ["If-Match: *"];
      await scene.service("PUT", "/enrollmentGroups/line-1", { ...group, ...disabled }, any);
      scene.issue("stopped");
      scene.chain("stopped.pem", "certs/stopped.cert.pem", INTERMEDIATE);
      const stopped = async () => (await register("stopped", "stopped.pem", "private/stopped.key.pem")).body;
      assert.equal((await stopped()).status, "disabled", "by its intermediate");
      await scene.service("PUT", "/enrollmentGroups/line-1", group, any);
      const clientCertificates = { primary: { certificate: scene.read("certs/stopped.cert.pem") } };
      const own = {
        registrationId: "stopped",
        attestation: { type: "x509", x509: { clientCertificates } },
        ...disabled,
      };
      assert.equal((await scene.service("PUT", "/enrollments/stopped", own)).status, 200);
      assert.equal((await stopped()).status, "disabled", "by its leaf");
      for (const path of ["/enrollments/stopped", "/enrollmentGroups/all"]) {
        assert.equal((await scene.service("DELETE", path)).status, 204);
      }
    });

    it("at the service API, with a wrong signature, an expired one, an expired token, a stale If-Match", async () => {
      const soon = Math.floor(Date.now() / 1000) + 3600;
      const key = await scene.ownerKey();
      const signed = (with_: string, expiry: number) => [
        `Authorization: ${createSas(scene.serviceHost, with_, expiry, "provisioningserviceowner")}`,
      ];
      const get = (headers: readonly string[]) => scene.service("GET", "/enrollmentGroups/line-1", undefined, headers);
      assert.equal((await get(signed(key, soon))).status, 200);
      await expect(get(signed(Buffer.from("wrong".padEnd(32)).toString("base64"), soon)), 401002, "Unauthorized");
      await expect(get(signed(key, soon - 7200)), 401002, "Unauthorized");

      const token = [`Authorization: Bearer ${await scene.bearer("https://azure-devices-provisioning.net")}`];
      assert.equal((await get(token)).status, 200);
      await shift(1);
      await expect(get(token), 401002, "Unauthorized");
      await shift(0);
      const other = [`Authorization: Bearer ${await scene.bearer("https://iothubs.azure.net")}`];
      await expect(get(other), 401002, "Unauthorized");

      const stale = ['If-Match: "0a00c1d2-0000-0300-0000-6650aa110000"'];
      const { body } = await get(token);
      await expect(scene.service("PUT", "/enrollmentGroups/line-1", body, stale), 409203, "Precondition failed.", 412);
      await expect(scene.service("PUT", "/enrollmentGroups/line-1", body), 409201, "Enrollment already exists.");
      const removed = scene.service("DELETE", "/enrollmentGroups/line-1", undefined, stale);
      await expect(removed, 409203, "Precondition failed.", 412);
    });

    it("at the hub, with a certificate that the hub does not know, or none", async () => {
      scene.issue("renewed", { cn: "device-01" });
      const events = `https://${scene.hubHost}/devices/device-01/messages/events?api-version=2020-03-13`;
      const send = (...with_: string[]) =>
        scene.curl("-L", "-i", "-X", "POST", ...with_, ...JSON_HEADERS, "-d", '{"temperature": 30}', events);
      for (const answer of [
        await send("--cert", "certs/renewed.cert.pem", "--key", "private/renewed.key.pem"),
        await send(),
      ]) {
        assert.equal(answer.status, 401, answer.text);
        assert.equal(answer.headers["iothub-errorcode"], "IotHubUnauthorizedAccess");
        assert.equal(answer.body.Message, "ErrorCode:IotHubUnauthorizedAccess;Unauthorized");
      }
    });
  });
});
