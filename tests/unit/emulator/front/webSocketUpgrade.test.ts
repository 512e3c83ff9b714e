import { strict as assert } from "node:assert";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { webSocketUpgrade } from "../../../../emulator/front/webSocketUpgrade";
import { closedMqtt } from "../../../cast/frontHarness";

/** The response to a request to upgrade, as text. */
function upgraded(url: string, protocol = "mqtt", host = "hub-1.azure-devices.net"): string {
  const socket = new PassThrough();
  const headers = { host, "sec-websocket-protocol": protocol };
  webSocketUpgrade([closedMqtt])(
    { url, headers, method: "GET" } as unknown as IncomingMessage,
    socket,
    Buffer.alloc(0),
  );
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

  for (const url of ["/$iothub/websocket?a=1", "https://hub-1.azure-devices.net/$iothub/websocket?a=1"]) {
    it(`is taken up to its headers at ${url}`, () => {
      assert.match(upgraded(url), /(?:Missing or invalid|Invalid) (?:Upgrade|Sec-WebSocket)/);
    });
  }

  it("is refused for another sub-protocol", () => {
    assert.match(upgraded("/$iothub/websocket", "stomp"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  it("is refused at a host that does not serve the protocol", () => {
    assert.match(upgraded("/$iothub/websocket", "mqtt", "vault-1.vault.azure.net"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});
