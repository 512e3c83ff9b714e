import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { frontHarness } from "../../../cast/frontHarness";

/** A listener closes after its last connection: one that stays open would delay the end of the process. */
describe("the end of the front", () => {
  it("does not wait for a client that has sent nothing yet", async () => {
    const harness = await frontHarness(() => undefined);
    const silent = connect(harness.directPort, "127.0.0.1");
    await once(silent, "connect");
    // A second one, so that the listener has certainly accepted the first.
    const other = await harness.tunnel("hub-1.azure-devices.net:443");
    const closed = [silent, other.socket].map((socket) => once(socket, "close"));
    silent.on("error", () => undefined);
    await harness.close();
    await Promise.all(closed);
  });

  it("does not wait for a refused client that does not disconnect", async () => {
    const harness = await frontHarness(() => undefined);
    const socket = connect({ port: harness.proxyPort, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    let text = "";
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 403 /);
    assert.equal(socket.writable, true, "the client's own end is still open");
    await harness.close();
    socket.destroy();
  });
});
