import { strict as assert } from "node:assert";
import { createSas } from "../../azure/sas";
import type { CurlResponse } from "../cast/curl";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";

/** The document's headers, with its two blanks. */
const JSON_HEADERS = ["-H", "Content-Type: application/json", "-H", "Content-Encoding:  utf-8"];
const FULL_CHAIN = "certs/device-01-full-chain.cert.pem";
const INTERMEDIATE = "certs/azure-iot-test-only.intermediate.cert.pem";

describe("a device over HTTPS with curl, as Microsoft's document does it", function () {
  this.timeout(300_000);
  let azure: LaunchedAzure;
  let environment: DeviceEnvironment;

  before(async () => {
    azure = await launchTestAzure();
    environment = await DeviceEnvironment.open(azure);
    const group = await environment.service("PUT", "/enrollmentGroups/line-1", {
      enrollmentGroupId: "line-1",
      attestation: {
        type: "x509",
        x509: { signingCertificates: { primary: { certificate: environment.read(INTERMEDIATE) } } },
      },
    });
    assert.equal(group.status, 200, group.text);
    const individual = await environment.service("PUT", "/enrollments/my-x509-device", {
      registrationId: "my-x509-device",
      deviceId: "my-device",
      attestation: {
        type: "x509",
        x509: { clientCertificates: { primary: { certificate: environment.read("device-cert.pem") } } },
      },
    });
    assert.equal(individual.status, 200, individual.text);
  });

  after(() => environment?.close());

  const url = (id: string, rest: string, scope = environment.idScope): string =>
    `https://global.azure-devices-provisioning.net/${scope}/registrations/${id}${rest}?api-version=2019-03-31`;

  const register = (id: string, cert: string, key: string, scope = environment.idScope): Promise<CurlResponse> =>
    environment.curl(
      ...["-L", "-i", "-X", "PUT", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", JSON.stringify({ registrationId: id }), url(id, "/register", scope)],
    );

  /** Registers, asks, looks up and sends telemetry by the four commands of the document. */
  async function wholeWay(id: string, deviceId: string, cert: string, key: string): Promise<void> {
    const begun = await register(id, cert, key);
    assert.equal(begun.status, 202, `${begun.stderr}${begun.text}`);
    assert.equal(begun.body.status, "assigning");
    assert.equal(begun.headers.location, url(id, "/register").split("?")[0]);
    assert.match(begun.headers["retry-after"] ?? "", /^\d+$/);
    assert.match(begun.headers["x-ms-request-id"] ?? "", /^[0-9a-f-]{36}$/);

    const operation = url(id, `/operations/${begun.body.operationId}`);
    const done = await environment.curl(
      "-L",
      "-i",
      "-X",
      "GET",
      "--cert",
      cert,
      "--key",
      key,
      ...JSON_HEADERS,
      operation,
    );
    assert.equal(done.status, 200, done.text);
    assert.equal(done.body.status, "assigned");
    const state = done.body.registrationState;
    assert.equal(state.assignedHub, environment.hubHost);
    assert.equal(state.deviceId, deviceId);
    assert.equal(state.substatus, "initialAssignment");
    assert.match(state.createdDateTimeUtc, /\.\d{7}Z$/);

    const looked = await environment.curl(
      ...["-L", "-i", "-X", "POST", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", JSON.stringify({ registrationId: id }), url(id, "")],
    );
    assert.equal(looked.status, 200, looked.text);
    assert.deepEqual(looked.body, state);

    const events = `https://${state.assignedHub}/devices/${deviceId}/messages/events?api-version=2020-03-13`;
    const sent = await environment.curl(
      ...["-L", "-i", "-X", "POST", "--cert", cert, "--key", key, ...JSON_HEADERS],
      ...["-d", '{"temperature": 30}', events],
    );
    assert.equal(sent.status, 204, sent.text);
    assert.equal(sent.headers["content-length"], "0");

    const seen = await environment.azure.control("GET", `/hubs/test-hub/events?deviceId=${deviceId}`);
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
      signingCertificates: { primary: { certificate: environment.read(INTERMEDIATE).trim() } },
    }),
  };
  for (const [flag, x509] of Object.entries(groupForms)) {
    it(`takes a chain in a group that was made with ${flag}`, async () => {
      assert.equal((await environment.service("DELETE", "/enrollmentGroups/line-1")).status, 204);
      const made = await environment.service("PUT", "/enrollmentGroups/line-1", {
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

  it("takes a group made with --ca-name for a CA that is not verified yet, and refuses one that is not there", async () => {
    for (const [primary, expected] of [
      ["nobody", [400, 400004]],
      ["unverified.root.ca", [200, undefined]],
    ] as const) {
      const attestation = { type: "x509", x509: { caReferences: { primary } } };
      const { status, body } = await environment.service("PUT", "/enrollmentGroups/b", {
        enrollmentGroupId: "b",
        attestation,
      });
      assert.deepEqual([status, body.errorCode], expected);
    }
    const removed = await environment.service("DELETE", "/enrollmentGroups/b");
    assert.equal(removed.status, 204);
  });

  it("keeps its state after it is killed", async () => {
    await azure.kill();
    await azure.restart();
    const again = await register("device-01", FULL_CHAIN, "private/device-01.key.pem");
    assert.equal(again.status, 202, again.text);
    const { body } = await environment.service("GET", "/registrations/device-01");
    assert.equal(body.status, "assigned");
  });

  describe("is refused, and nothing changes", () => {
    let before: string;

    beforeEach(async () => {
      before = await environment.contents();
    });

    afterEach(async () => {
      assert.equal((await environment.azure.control("POST", "/clock", { offsetSeconds: 0 })).status, 200);
      assert.equal(await environment.contents(), before);
    });

    const expect = async (
      response: Promise<CurlResponse>,
      code: number,
      message: string,
      status = Math.floor(code / 1000),
    ) => {
      const { body, text, ...got } = await response;
      assert.equal(got.status, status, `${got.stderr}${text}`);
      assert.equal(body?.errorCode, code, text);
      assert.equal(body.message, message);
    };

    const shift = async (days: number): Promise<void> => {
      const { status } = await environment.azure.control("POST", "/clock", { offsetSeconds: days * 86_400 });
      assert.equal(status, 200);
    };

    it("without a client certificate", async () => {
      const body = ["-d", '{"registrationId":"device-01"}'];
      const bare = environment.curl("-L", "-i", "-X", "PUT", ...JSON_HEADERS, ...body, url("device-01", "/register"));
      await expect(bare, 401002, "Unauthorized");
    });

    it("with only the leaf", async () => {
      const leaf = register("device-01", "certs/device-01.cert.pem", "private/device-01.key.pem");
      await expect(leaf, 401002, "CA certificate not found");
    });

    it("with a chain to a root that is not verified", async () => {
      environment.issue("stranger", { ca: "certs/unverified.root.ca" });
      environment.chain("stranger.pem", "certs/stranger.cert.pem", "certs/unverified.root.ca.cert.pem");
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
      environment.issue("server", { eku: "serverAuth" });
      environment.chain("server.pem", "certs/server.cert.pem", INTERMEDIATE);
      await expect(register("server", "server.pem", "private/server.key.pem"), 401002, "Invalid certificate.");
    });

    it("with the key of another certificate: curl's TLS does not even begin", async () => {
      environment.issue("other");
      const response = await register("device-01", FULL_CHAIN, "private/other.key.pem");
      assert.equal(response.exitCode, 58, response.stderr);
      assert.equal(response.status, 0);
    });

    it("at an unknown ID scope", async () => {
      const response = register("device-01", FULL_CHAIN, "private/device-01.key.pem", "0ne00FFFFFF");
      await expect(response, 404201, "Enrollment not found.");
    });

    it("in a disabled group: status disabled, no assignment", async () => {
      const { body: group } = await environment.service("GET", "/enrollmentGroups/line-1");
      const etag = [`If-Match: ${group.etag}`];
      const disabled = { ...group, provisioningStatus: "disabled" };
      const put = await environment.service("PUT", "/enrollmentGroups/line-1", disabled, etag);
      assert.equal(put.status, 200, put.text);
      environment.issue("late");
      environment.chain("late.pem", "certs/late.cert.pem", INTERMEDIATE);
      const response = await register("late", "late.pem", "private/late.key.pem");
      assert.equal(response.status, 200, response.text);
      assert.equal(response.body.status, "disabled");
      const enabled = { ...group, provisioningStatus: "enabled" };
      await environment.service("PUT", "/enrollmentGroups/line-1", enabled, ["If-Match: *"]);
      // The service lists the disabled registration; nothing else has changed.
      assert.equal((await environment.service("GET", "/registrations/late")).body.status, "disabled");
      assert.equal((await environment.service("DELETE", "/registrations/late")).status, 204);
    });

    it("if its certificate or its issuer is in a disabled enrollment, even with an enabled group", async () => {
      const root = "azure-iot-test-only.root.ca";
      const caReferences = { primary: root, secondary: null };
      const all = { enrollmentGroupId: "all", attestation: { type: "x509", x509: { caReferences } } };
      assert.equal((await environment.service("PUT", "/enrollmentGroups/all", all)).status, 200);
      const { body: group } = await environment.service("GET", "/enrollmentGroups/line-1");
      const disabled = { provisioningStatus: "disabled" };
      const any = ["If-Match: *"];
      await environment.service("PUT", "/enrollmentGroups/line-1", { ...group, ...disabled }, any);
      environment.issue("stopped");
      environment.chain("stopped.pem", "certs/stopped.cert.pem", INTERMEDIATE);
      const stopped = async () => (await register("stopped", "stopped.pem", "private/stopped.key.pem")).body;
      assert.equal((await stopped()).status, "disabled", "by its intermediate");
      await environment.service("PUT", "/enrollmentGroups/line-1", group, any);
      const clientCertificates = { primary: { certificate: environment.read("certs/stopped.cert.pem") } };
      const own = {
        registrationId: "stopped",
        attestation: { type: "x509", x509: { clientCertificates } },
        ...disabled,
      };
      assert.equal((await environment.service("PUT", "/enrollments/stopped", own)).status, 200);
      assert.equal((await stopped()).status, "disabled", "by its leaf");
      for (const path of ["/enrollments/stopped", "/enrollmentGroups/all"]) {
        assert.equal((await environment.service("DELETE", path)).status, 204);
      }
    });

    it("at the service API, with a wrong signature, an expired one, an expired token, a stale If-Match", async () => {
      const soon = Math.floor(Date.now() / 1000) + 3600;
      const key = await environment.ownerKey();
      const signed = (with_: string, expiry: number) => [
        `Authorization: ${createSas(environment.serviceHost, with_, expiry, "provisioningserviceowner")}`,
      ];
      const get = (headers: readonly string[]) =>
        environment.service("GET", "/enrollmentGroups/line-1", undefined, headers);
      assert.equal((await get(signed(key, soon))).status, 200);
      await expect(get(signed(Buffer.from("wrong".padEnd(32)).toString("base64"), soon)), 401002, "Unauthorized");
      await expect(get(signed(key, soon - 7200)), 401002, "Unauthorized");

      const token = [`Authorization: Bearer ${await environment.bearer("https://azure-devices-provisioning.net")}`];
      assert.equal((await get(token)).status, 200);
      await shift(1);
      await expect(get(token), 401002, "Unauthorized");
      await shift(0);
      const other = [`Authorization: Bearer ${await environment.bearer("https://iothubs.azure.net")}`];
      await expect(get(other), 401002, "Unauthorized");

      const stale = ['If-Match: "0a00c1d2-0000-0300-0000-6650aa110000"'];
      const { body } = await get(token);
      await expect(
        environment.service("PUT", "/enrollmentGroups/line-1", body, stale),
        409203,
        "Precondition failed.",
        412,
      );
      await expect(
        environment.service("PUT", "/enrollmentGroups/line-1", body),
        409202,
        "EnrollmentGroup already exists.",
      );
      const removed = environment.service("DELETE", "/enrollmentGroups/line-1", undefined, stale);
      await expect(removed, 409203, "Precondition failed.", 412);
    });

    it("at the hub, with a certificate that the hub does not know, or none", async () => {
      environment.issue("renewed", { cn: "device-01" });
      const events = `https://${environment.hubHost}/devices/device-01/messages/events?api-version=2020-03-13`;
      const send = (...with_: string[]) =>
        environment.curl("-L", "-i", "-X", "POST", ...with_, ...JSON_HEADERS, "-d", '{"temperature": 30}', events);
      for (const response of [
        await send("--cert", "certs/renewed.cert.pem", "--key", "private/renewed.key.pem"),
        await send(),
      ]) {
        assert.equal(response.status, 401, response.text);
        assert.equal(response.headers["iothub-errorcode"], "IotHubUnauthorizedAccess");
        assert.equal(response.body.Message, "ErrorCode:IotHubUnauthorizedAccess;Unauthorized");
      }
    });
  });
});
