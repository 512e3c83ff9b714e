import { strict as assert } from "node:assert";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mountService, type ServiceDefinition } from "../../../../emulator/kernel/service";
import { DataPlane, DPS_HOST, GLOBAL_HOST, HUB_HOST } from "../../../cast/dataPlane";

interface Got {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Readonly<Record<string, unknown>>;
}

describe("the data planes behind HTTP", () => {
  let plane: DataPlane;
  const servers: Server[] = [];

  beforeEach(() => {
    plane = new DataPlane();
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  });

  async function ask(
    definition: ServiceDefinition,
    host: string,
    method: string,
    path: string,
    body: string | null = "",
    headers = {},
  ): Promise<Got> {
    const errors: unknown[] = [];
    const service = await mountService(definition, (error) => errors.push(error));
    const server = createServer(service.handle);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const got = await new Promise<Got>((resolve, reject) => {
      const sent = request(
        { port, host: "127.0.0.1", method, path, agent: false, headers: { host, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text ? JSON.parse(text) : {},
            });
          });
        },
      );
      sent.on("error", reject);
      if (body === null) sent.flushHeaders();
      else sent.end(body);
    });
    assert.deepEqual(errors, []);
    return got;
  }

  it("refuse a request without api-version", async () => {
    const dps = await ask(plane.dps.definition, DPS_HOST, "GET", "/enrollmentGroups/a");
    assert.deepEqual([dps.status, dps.body.errorCode, dps.body.message], [400, 400004, "the api-version is missing"]);
    const hub = await ask(plane.hubs.definition, HUB_HOST, "GET", "/devices");
    assert.deepEqual([hub.status, hub.headers["iothub-errorcode"]], [400, "InvalidProtocolVersion"]);
  });

  it("refuse an api-version that is no date", async () => {
    for (const version of ["x", "2021", "2021-4-12", "2021-04-12x", "1;2"]) {
      const dps = await ask(plane.dps.definition, DPS_HOST, "GET", `/enrollmentGroups/a?api-version=${version}`);
      assert.deepEqual([dps.status, dps.body.errorCode], [400, 400004], version);
      const hub = await ask(plane.hubs.definition, HUB_HOST, "GET", `/devices?api-version=${version}`);
      assert.deepEqual([hub.status, hub.headers["iothub-errorcode"]], [400, "InvalidProtocolVersion"], version);
    }
  });

  it("return 501 for operations that are not emulated", async () => {
    const dps = await ask(plane.dps.deviceDefinition, GLOBAL_HOST, "GET", "/0ne1/anything?api-version=2021-10-01");
    assert.deepEqual([dps.status, dps.body.errorCode], [501, 501000]);
    for (const path of ["/devices/a/files", "/twins/a/methods", "/$iothub/websocket"]) {
      const hub = await ask(plane.hubs.definition, HUB_HOST, "GET", `${path}?api-version=2021-10-01`);
      assert.deepEqual([hub.status, hub.headers["iothub-errorcode"]], [501, "NotEmulated"], path);
      assert.match(String(hub.body.Message), /is not emulated by the local Azure/);
    }
  });

  it("refuse a body that is not JSON, but take any as telemetry", async () => {
    const headers = { "content-type": "application/json", authorization: plane.sas(HUB_HOST, "iothubowner") };
    const bad = await ask(plane.hubs.definition, HUB_HOST, "PUT", "/devices/a?api-version=2021-10-01", "{", headers);
    assert.deepEqual([bad.status, bad.headers["iothub-errorcode"]], [400, "ArgumentInvalid"]);
    const made = await ask(
      plane.hubs.definition,
      HUB_HOST,
      "PUT",
      "/devices/a?api-version=2021-10-01",
      '{"deviceId":"a"}',
      headers,
    );
    assert.equal(made.status, 200);
    const path = "/DEVICES/a/messages/events?api-version=2021-10-01";
    const sent = await ask(plane.hubs.definition, HUB_HOST, "POST", path, "{", {
      ...headers,
      "content-encoding": "utf-8",
    });
    assert.equal(sent.status, 204);
    // Refused by what it announces, before it is sent.
    const announced = { ...headers, "content-length": String(5 * 1024 * 1024) };
    const large = await ask(plane.hubs.definition, HUB_HOST, "POST", path, null, announced);
    assert.deepEqual([large.status, large.headers["iothub-errorcode"]], [413, "MessageTooLarge"]);
  });

  it("accept a body with any Content-Type, or none", async () => {
    plane.hubs.identities.save("hub-key-hub-1", {
      deviceId: "a",
      enabled: true,
      authentication: { type: "none" },
      iotEdge: false,
    });
    const authorization = plane.sas(HUB_HOST, "iothubowner");
    const path = "/devices/a/messages/events?api-version=2021-10-01";
    for (const type of ["json", "", ";;", "text/plain; charset", "application/json"]) {
      const headers = { authorization, "content-type": type };
      assert.equal((await ask(plane.hubs.definition, HUB_HOST, "POST", path, "{}", headers)).status, 204, type);
    }
    const kept = plane.hubs.events.read("hub-1") ?? [];
    assert.deepEqual(
      kept.map(({ systemProperties }) => systemProperties["content-type"]),
      ["json", "", ";;", "text/plain; charset", "application/json"],
    );
  });

  it("read a body with a non-JSON Content-Type as JSON", async () => {
    const headers = { "content-type": "", authorization: plane.sas(HUB_HOST, "iothubowner") };
    const made = await ask(
      plane.hubs.definition,
      HUB_HOST,
      "PUT",
      "/devices/b?api-version=2021-10-01",
      '{"deviceId":"b"}',
      headers,
    );
    assert.equal(made.status, 200);
  });

  it("return Azure's errors for paths that fastify refuses", async () => {
    const headers = { authorization: plane.sas(DPS_HOST, "provisioningserviceowner") };
    const bad = await ask(
      plane.dps.definition,
      DPS_HOST,
      "GET",
      "/enrollments/%zz?api-version=2021-10-01",
      "",
      headers,
    );
    assert.deepEqual([bad.status, bad.body.errorCode], [400, 400004]);
    const hub = await ask(plane.hubs.definition, HUB_HOST, "GET", "/devices/%e4?api-version=2021-10-01");
    assert.deepEqual([hub.status, hub.headers["iothub-errorcode"]], [400, "ArgumentInvalid"]);
    const id = "a".repeat(4000);
    const body = JSON.stringify({ registrationId: id, attestation: { type: "symmetricKey" } });
    const long = await ask(
      plane.dps.definition,
      DPS_HOST,
      "PUT",
      `/enrollments/${id}?api-version=2021-10-01`,
      body,
      headers,
    );
    assert.deepEqual([long.status, long.body.errorCode], [400, 400004]);
    assert.match(String(long.body.message), /it has 4000 characters/);
  });

  it("take paths in any letter case, and percent-encoded ids", async () => {
    const headers = { authorization: plane.sas(HUB_HOST, "iothubowner") };
    const body = '{"deviceId":"a#b%c"}';
    const made = await ask(
      plane.hubs.definition,
      HUB_HOST,
      "PUT",
      "/Devices/a%23b%25c?API-version=2021-04-12",
      body,
      headers,
    );
    assert.deepEqual([made.status, made.body.deviceId], [200, "a#b%c"]);
    const dps = { authorization: plane.sas(DPS_HOST, "provisioningserviceowner") };
    const got = await ask(
      plane.dps.definition,
      DPS_HOST,
      "GET",
      "/enrollmentgroups/A%3Ab?api-version=2021-10-01",
      "",
      dps,
    );
    assert.deepEqual([got.status, got.body.errorCode], [404, 404201]);
    assert.equal(got.headers["x-ms-error-code"], "404201");
    assert.equal(got.headers["x-ms-request-id"], got.body.trackingId);
  });

  it("serve devices at the service's own host name, too", async () => {
    const path = "/0ne00000001/registrations/a/register?api-version=2021-10-01";
    for (const [definition, host] of [
      [plane.dps.definition, DPS_HOST],
      [plane.dps.deviceDefinition, GLOBAL_HOST],
    ] as const) {
      const got = await ask(definition, host, "PUT", path, "{}");
      assert.deepEqual([got.status, got.body.errorCode], [401, 401002]);
      assert.equal(got.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
    }
  });
});
