import { strict as assert } from "node:assert";
import { AzureError } from "../../../azure/clients/azureError";
import { DeviceClient } from "../../../azure/clients/deviceClient";
import { type DeviceRequest, proxyFor } from "../../../azure/clients/mutualTls";
import type { DeviceResponse } from "../../../azure/devices/registration";

const ENDPOINT = "global.azure-devices-provisioning.net";
const ASSIGNED = { registrationId: "dev-1", assignedHub: "h.azure-devices.net", deviceId: "d", status: "assigned" };

const response = (status: number, body: unknown, headers: Record<string, string> = {}): DeviceResponse => ({
  status,
  headers,
  text: body === undefined ? "" : JSON.stringify(body),
});
const assigning = (retryAfter?: string): DeviceResponse =>
  response(
    202,
    { operationId: "op/1", status: "assigning" },
    retryAfter === undefined ? {} : { "retry-after": retryAfter },
  );

/** A transport that responds from a list and a clock that only moves when someone waits. */
function scripted(...responses: readonly (DeviceResponse | Error)[]) {
  const left = [...responses];
  const sent: DeviceRequest[] = [];
  const waits: number[] = [];
  let now = 0;
  const transport = {
    async send(call: DeviceRequest): Promise<DeviceResponse> {
      sent.push(call);
      const next = left.shift() ?? assigning("3");
      if (next instanceof Error) throw next;
      return next;
    },
    async close() {},
  };
  const clock = {
    now: () => now,
    async wait(milliseconds: number) {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
  return { client: new DeviceClient(transport, { clock }), sent, waits };
}

describe("the device client", () => {
  it("registers with PUT, polls as Retry-After says, and ends with hub and device ID", async () => {
    const done = response(200, { operationId: "op/1", status: "assigned", registrationState: ASSIGNED });
    const { client, sent, waits } = scripted(assigning("3"), assigning(), done);
    const state = await client.register(ENDPOINT, "0ne1", "dev:1");
    assert.equal(state.assignedHub, "h.azure-devices.net");
    assert.deepEqual(waits, [3000, 2000]);
    const base = `https://${ENDPOINT}/0ne1/registrations/dev%3A1`;
    assert.deepEqual(
      sent.map(({ method, url }) => `${method} ${url}`),
      [
        `PUT ${base}/register?api-version=2021-06-01`,
        `GET ${base}/operations/op%2F1?api-version=2021-06-01`,
        `GET ${base}/operations/op%2F1?api-version=2021-06-01`,
      ],
    );
    assert.equal(sent[0]?.body, '{"registrationId":"dev:1"}');
  });

  it("gives up after two minutes of assigning, and says so", async () => {
    const { client, waits } = scripted();
    await assert.rejects(client.register(ENDPOINT, "0ne1", "d"), /RegistrationTimeout.*after 120 seconds/s);
    assert.equal(waits.length, 40);
  });

  it("fails with Azure's code, its meaning and the way out", async () => {
    const refused = response(401, { errorCode: 401002, trackingId: "t", message: "CA certificate not found" });
    const { client } = scripted(refused);
    await assert.rejects(client.register(ENDPOINT, "0ne1", "d"), /401002: CA certificate not found.*To fix/s);
  });

  it("fails for a registration that ended otherwise: disabled, failed, without a hub", async () => {
    const ended = (status: string, registrationState?: object) =>
      response(200, { operationId: "o", status, registrationState });
    await assert.rejects(scripted(ended("disabled")).client.register(ENDPOINT, "s", "d"), /enrollment.*is disabled/s);
    const failed = ended("failed", { errorCode: 400208, errorMessage: "no hub" });
    await assert.rejects(scripted(failed).client.register(ENDPOINT, "s", "d"), /400208: no hub.*webhook/s);
    const hubless = ended("assigned", { status: "assigned" });
    await assert.rejects(scripted(hubless).client.register(ENDPOINT, "s", "d"), /ended as "assigned"/);
  });

  it("waits where the service throttles, and goes on", async () => {
    const throttled = response(429, { errorCode: 429001 }, { "retry-after": "5" });
    const { client, waits } = scripted(throttled, response(204, undefined));
    assert.equal(await client.sendTelemetry("h.azure-devices.net", "d 1", { temperature: 30 }, "m-1"), 204);
    assert.deepEqual(waits, [5000]);
  });

  it("retries after a server error, and gives up at once after a client error", async () => {
    for (const status of [429, 500, 503]) {
      const { client, sent, waits } = scripted(response(status, undefined), response(204, undefined));
      assert.equal(await client.sendTelemetry("h", "d", {}, "m-1"), 204);
      assert.deepEqual([sent.length, waits], [2, [2000]], String(status));
    }
    for (const status of [400, 412, 499]) {
      const { client, sent } = scripted(response(status, undefined), response(204, undefined));
      await assert.rejects(client.sendTelemetry("h", "d", {}, "m-1"), new RegExp(`HTTP ${status}`));
      assert.equal(sent.length, 1);
    }
  });

  it("takes no registration for assigned that lacks its state, its hub or its device", async () => {
    const { assignedHub: _h, ...hubless } = ASSIGNED;
    const { deviceId: _d, ...idless } = ASSIGNED;
    for (const registrationState of [undefined, hubless, idless, { ...ASSIGNED, assignedHub: "" }]) {
      const { client } = scripted(response(200, { operationId: "o", status: "assigned", registrationState }));
      await assert.rejects(client.register(ENDPOINT, "s", "d"), /the registration ended as "assigned"/);
    }
    const { client } = scripted(response(200, { operationId: "o", status: "failed", registrationState: ASSIGNED }));
    await assert.rejects(client.register(ENDPOINT, "s", "d"), /the registration ended as "failed"/);
  });

  it("sends telemetry to the device's own address, and takes 204 only", async () => {
    const { client, sent } = scripted(
      response(204, undefined),
      response(200, undefined),
      response(404, { Message: "ErrorCode:DeviceNotFound;x" }),
    );
    await client.sendTelemetry("h.azure-devices.net", "d#1", { temperature: 30 }, "m-1");
    assert.equal(sent[0]?.url, "https://h.azure-devices.net/devices/d%231/messages/events?api-version=2020-03-13");
    assert.equal(sent[0]?.body, '{"temperature":30}');
    assert.deepEqual(sent[0]?.headers, { "iothub-messageid": "m-1" });
    await assert.rejects(client.sendTelemetry("h", "d", {}, "m-1"), /HTTP 200/);
    await assert.rejects(client.sendTelemetry("h", "d", {}, "m-1"), /404001/);
  });

  it("reports a response that is not Azure's, without quoting it", async () => {
    const strange = (text: string) => scripted({ status: 200, headers: {}, text }).client.register(ENDPOINT, "s", "d");
    for (const text of ["<html>log in to the network: tok-1</html>", "", "null", "[1]", "{}", '"status"', "5"]) {
      await assert.rejects(strange(text), (error: unknown) => {
        assert.ok(error instanceof AzureError);
        assert.match(error.message, /the response is not a registration/);
        assert.match(error.message, /^Could not register device "d": .*not in its contract/s);
        assert.doesNotMatch(error.message, /tok-1/);
        return true;
      });
    }
  });

  it("pauses between requests, even if Retry-After asks for no pause", async () => {
    const done = response(200, { operationId: "op/1", status: "assigned", registrationState: ASSIGNED });
    const reported = ["0", "", "-3", "5x", "x5", "1.5", "31"].map(assigning);
    const { client, waits } = scripted(...reported, done);
    await client.register(ENDPOINT, "0ne1", "d");
    assert.deepEqual(waits, [100, 2000, 2000, 2000, 2000, 2000, 30_000]);
  });

  it("names the host that did not respond", async () => {
    const { client } = scripted(new Error("ECONNREFUSED"));
    await assert.rejects(client.register(ENDPOINT, "s", "d"), new RegExp(`no response from ${ENDPOINT}: ECONNREFUSED`));
  });
});

describe("the proxy of the environment", () => {
  it("is taken in either spelling, lower case first, unless the host is exempt", () => {
    assert.equal(proxyFor("a.azure-devices.net", { HTTPS_PROXY: "http://p:1" }), "http://p:1");
    assert.equal(proxyFor("a.b", { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }), "http://q:2");
    assert.equal(proxyFor("a.b", { ALL_PROXY: "http://p:1" }), "http://p:1");
    assert.equal(proxyFor("a.b", {}), undefined);
    for (const NO_PROXY of ["*", "b", ".b", "*.b", "x, a.b"]) {
      assert.equal(proxyFor("a.b", { HTTPS_PROXY: "http://p:1", NO_PROXY }), undefined, NO_PROXY);
    }
    assert.equal(proxyFor("ab", { HTTPS_PROXY: "http://p:1", NO_PROXY: "b,localhost," }), "http://p:1");
  });
});
