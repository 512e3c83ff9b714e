import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccessTokens } from "../../../../emulator/entra/accessTokens";
import { openAuthority } from "../../../../emulator/front/authority";
import { azuriteOrigin, blobService, openStorageSetting } from "../../../../emulator/front/azurite";
import { tokensOf } from "../../../cast/armHarness";
import { testDependencies } from "../../../cast/testDependencies";

const HOST = "account1.blob.core.windows.net";

interface BlobResponse {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

describe("the hosts of storage accounts", () => {
  const folder = mkdtempSync(join(tmpdir(), "azurite-"));
  const seen: { line: string; host: string | undefined; headers: readonly string[]; body: string }[] = [];
  const servers: Server[] = [];
  const urls = { http: "", https: "" };
  let tokens: AccessTokens;

  /** In place of Azurite: records requests. */
  const echo = (call: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    call.on("data", (chunk: Buffer) => chunks.push(chunk));
    call.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ line: `${call.method} ${call.url}`, host: call.headers.host, headers: call.rawHeaders, body });
      response.writeHead(201, { ETag: '"0x1"', "x-ms-version": "2026-06-06" }).end("<Blobs/>");
    });
  };

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };

  before(async () => {
    tokens = tokensOf(testDependencies());
    const { certificate, key } = await (await openAuthority(folder)).issue("localhost");
    urls.http = `http://127.0.0.1:${await listen(createServer(echo))}`;
    urls.https = `https://127.0.0.1:${await listen(createTls({ cert: certificate, key }, echo))}`;
  });

  beforeEach(() => {
    seen.length = 0;
  });

  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  });

  /** One request to a storage account's host behind which an Azurite is set. */
  async function ask(
    azurite: string | undefined,
    headers: Record<string, string> = {},
    body = "",
  ): Promise<BlobResponse> {
    const service = blobService({ azurite }, tokens);
    const port = await listen(createServer(service.handle));
    return new Promise((resolve, reject) => {
      const path = "/state/.pulumi%2Fmeta.yaml?comp=block&x=%2B";
      const options = {
        port,
        host: "127.0.0.1",
        method: "PUT",
        path,
        agent: false,
        headers: { host: HOST, ...headers },
      };
      const call = request(options, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          const code = response.headers["x-ms-error-code"];
          resolve({ status: response.statusCode ?? 0, code: typeof code === "string" ? code : undefined, text });
        });
      });
      call.on("error", reject);
      call.end(body);
    });
  }

  const bearer = (audience: string) => ({ authorization: `Bearer ${tokens.issue(audience)}` });

  it("forward a request unchanged: host name, path, header lines and body", async () => {
    const response = await ask(urls.http, { authorization: "SharedKey account1:c2ln", "X-Ms-Date": "now" }, "state");
    assert.deepEqual([response.status, response.text], [201, "<Blobs/>"]);
    const [arrived] = seen;
    assert.equal(arrived?.line, "PUT /state/.pulumi%2Fmeta.yaml?comp=block&x=%2B");
    assert.deepEqual([arrived?.host, arrived?.body], [HOST, "state"]);
    assert.ok(arrived?.headers.includes("X-Ms-Date"));
  });

  for (const audience of ["https://storage.azure.com", "https://storage.azure.com/", `https://${HOST}`]) {
    it(`accept a token for ${audience}, over TLS`, async () => {
      assert.equal((await ask(urls.https, bearer(audience))).status, 201);
      assert.equal(seen.length, 1);
    });
  }

  it("refuse invalid tokens before Azurite gets them", async () => {
    const good = tokens.issue("https://storage.azure.com");
    const wrong = [
      ["audience", tokens.issue("https://management.azure.com")],
      ["audience", tokens.issue("https://account2.blob.core.windows.net")],
      ["signature", `${good.slice(0, good.lastIndexOf("."))}.AAAA`],
      ["malformed", "nonsense"],
    ];
    for (const [reason, token] of wrong) {
      const response = await ask(urls.https, { authorization: `Bearer ${token}` });
      assert.deepEqual([response.status, response.code], [401, "InvalidAuthenticationInfo"]);
      assert.match(response.text, new RegExp(`local Azure: ${reason}`));
    }
    assert.deepEqual(seen, []);
  });

  it("explain what Azurite needs for tokens", async () => {
    const response = await ask(urls.http, bearer("https://storage.azure.com"));
    assert.deepEqual([response.status, response.code], [403, "AuthorizationFailure"]);
    assert.match(response.text, /--oauth basic/);
    assert.deepEqual(seen, []);
  });

  it("return NotEmulated without storage, and explain how to set one", async () => {
    const response = await ask(undefined);
    assert.deepEqual([response.status, response.code], [501, "NotEmulated"]);
    assert.match(response.text, /npm run local -- start --azurite/);
  });

  it("name Azurite's address when it does not respond", async () => {
    const gone = createServer();
    const url = `http://127.0.0.1:${await listen(gone)}`;
    await new Promise((done) => gone.close(done));
    const response = await ask(url);
    assert.deepEqual([response.status, response.code], [503, "ServerUnavailable"]);
    assert.match(response.text, new RegExp(`${url} \\(ECONNREFUSED\\)`));
  });

  it("are stored in a file, and accept addresses of this machine only", () => {
    const setting = openStorageSetting(folder);
    assert.equal(setting.azurite, undefined);
    setting.set("http://127.0.0.1:10000/");
    assert.equal(openStorageSetting(folder).azurite, "http://127.0.0.1:10000");
    for (const address of [
      "http://10.0.0.1:10000",
      "https://account1.blob.core.windows.net",
      "ftp://127.0.0.1",
      "10000",
    ]) {
      assert.throws(() => setting.set(address), /not an address of Azurite/, address);
    }
    assert.equal(setting.azurite, "http://127.0.0.1:10000");
    setting.set(undefined);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "storage.json"), "utf8")), {});
    assert.equal(azuriteOrigin("https://localhost:1/"), "https://localhost:1");
  });
});
