import { strict as assert } from "node:assert";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { mqttService } from "../../../../emulator/mqtt/mqttService";
import { DataPlane } from "../../../cast/dataPlane";

/** The response to a request to upgrade, as text. */
function upgraded(url: string, protocol = "mqtt"): string {
  const { dps, hubs } = new DataPlane();
  const endpoints = mqttService({
    dpsDevice: dps.deviceDefinition,
    hub: hubs.definition,
    authenticate: () => undefined,
    log: () => undefined,
    failed: (_, error) => assert.fail(String(error)),
  });
  const socket = new PassThrough();
  const headers = { host: "hub-1.azure-devices.net", "sec-websocket-protocol": protocol };
  endpoints.upgrade({ url, headers } as unknown as IncomingMessage, socket, Buffer.alloc(0));
  assert.equal(socket.writableEnded, true);
  return String(socket.read());
}

describe("an upgrade to WebSocket", () => {
  // What is thrown out of an 'upgrade' listener would end the whole process.
  for (const url of ["//", "/%ff", "/%", "http://", "/$iothub/other"]) {
    it(`is refused at ${url}`, () => {
      const response = upgraded(url);
      assert.match(response, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(response, /upgrades to WebSocket at \/\$iothub\/websocket with the sub-protocol mqtt only/);
    });
  }

  it("is refused for another sub-protocol", () => {
    assert.match(upgraded("/$iothub/websocket", "amqp"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});
