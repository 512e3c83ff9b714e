import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { connect } from "node:tls";
import fc from "fast-check";
import { serverNameOf } from "../../../../emulator/front/clientHello";

/** The first bytes that Node's own TLS client sends. */
async function helloOf(servername: string | undefined): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = connect({ host: "127.0.0.1", port, ...(servername ? { servername } : {}) });
  client.on("error", () => undefined);
  const [socket] = await once(server, "connection");
  const [bytes] = await once(socket, "data");
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

describe("the server name in a ClientHello", () => {
  let hello: Buffer;

  before(async () => {
    hello = await helloOf("Hub-1.azure-devices.net");
  });

  it("is found, in lower case", () => {
    assert.equal(serverNameOf(hello), "hub-1.azure-devices.net");
  });

  it("is null where the client names no host", async () => {
    assert.equal(serverNameOf(await helloOf(undefined)), null);
  });

  it("is undefined as long as bytes are missing", () => {
    for (let length = 0; length < hello.length; length += 7) {
      assert.equal(serverNameOf(hello.subarray(0, length)), undefined, `${length} bytes`);
    }
  });

  it("is null for what is not TLS", () => {
    assert.equal(serverNameOf(Buffer.from("GET / HTTP/1.1\r\n\r\n")), null);
  });

  it("never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(hello.length - 1), (noise, at) => {
        const bytes = Buffer.from(hello);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        for (const input of [bytes, Buffer.from(noise)]) {
          const name = serverNameOf(input);
          assert.ok(name === undefined || name === null || typeof name === "string");
        }
      }),
    );
  });
});
