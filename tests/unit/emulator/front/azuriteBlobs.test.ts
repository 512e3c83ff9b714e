import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { azuriteBlobs } from "../../../../emulator/front/azuriteBlobs";
import { BlobsUnavailable } from "../../../../emulator/kernel/blobRequests";

describe("requests of the hubs to blobs", () => {
  const seen: { line: string; host: string | undefined; body: string }[] = [];
  let server: Server;
  let azurite = "";

  const record = (request: IncomingMessage, response: ServerResponse): void => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      seen.push({ line: `${request.method} ${request.url}`, host: request.headers.host, body });
      response.writeHead(201, { etag: '"1"' }).end("one\ntwo");
    });
  };

  before(async () => {
    server = createServer(record);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    azurite = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => seen.splice(0));
  after(() => new Promise((done) => server.close(done)));

  it("go to Azurite under the account's host name", async () => {
    const url = new URL("https://contoso.blob.core.windows.net/uploads/pump%231/a.txt?sig=%2B");
    const response = await azuriteBlobs({ azurite })({ method: "PUT", url, body: Buffer.from("state") });
    let text = "";
    for await (const chunk of response.body) text += chunk.toString();
    assert.deepEqual([response.status, response.headers.etag, text], [201, '"1"', "one\ntwo"]);
    assert.deepEqual(seen, [
      { line: "PUT /uploads/pump%231/a.txt?sig=%2B", host: "contoso.blob.core.windows.net", body: "state" },
    ]);
  });

  it("go to the address itself that is set", async () => {
    const { end } = await azuriteBlobs({ azurite })({ method: "GET", url: new URL(`${azurite}/contoso/uploads/a`) });
    end();
    assert.deepEqual([seen[0]?.line, seen[0]?.host], ["GET /contoso/uploads/a", new URL(azurite).host]);
  });

  it("go nowhere else, and nowhere without Azurite", async () => {
    for (const address of [
      "https://example.org/a",
      "http://127.0.0.1:1/contoso/uploads/a",
      "http://169.254.169.254/metadata",
      "https://hub-1.azure-devices.net/devices",
      "https://contoso.blob.core.windows.net.example.org/a",
    ]) {
      const sent = azuriteBlobs({ azurite })({ method: "GET", url: new URL(address) });
      await assert.rejects(sent, (error) => error instanceof BlobsUnavailable && error.isNotEmulated, address);
    }
    const url = new URL("https://contoso.blob.core.windows.net/a");
    await assert.rejects(azuriteBlobs({ azurite: undefined })({ method: "GET", url }), /--azurite/);
    assert.deepEqual(seen, []);
  });

  it("name Azurite's address when it does not respond", async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, "127.0.0.1", done));
    const address = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((done) => gone.close(done));
    const sent = azuriteBlobs({ azurite: address })({
      method: "HEAD",
      url: new URL("https://contoso.blob.core.windows.net/a"),
    });
    await assert.rejects(sent, (error) => {
      assert.ok(error instanceof BlobsUnavailable && !error.isNotEmulated);
      assert.match(error.message, new RegExp(`${address} \\(ECONNREFUSED\\)`));
      return true;
    });
  });
});
