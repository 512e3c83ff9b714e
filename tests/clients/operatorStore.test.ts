import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type BlobContainer, blobContainer } from "../../operator/store/blobContainer";
import { BlobStore } from "../../operator/store/blobStore";
import { type Azurite, startAzurite } from "../cast/azurite";
import { refuses, storeContract } from "../cast/operator/storeContract";

describe("the operator store in Azure Blob Storage, on Azurite", function () {
  this.timeout(120_000);
  let azurite: Azurite;
  let through: LosingProxy | undefined;

  before(async () => {
    azurite = await startAzurite({ tokens: false });
    await container("store").client.create();
  });
  after(async () => {
    through?.close();
    await azurite?.close();
  });

  const container = (name: string): BlobContainer => {
    const { url, account, key } = azurite;
    return blobContainer(`${url}/${account}/${name}`, { account, key });
  };

  storeContract(async () => {
    const { client, prefix } = container("store/contract");
    const store = new BlobStore({ client, prefix });
    return {
      store,
      again: async () => new BlobStore(container("store/contract")),
      // In place of a wait of 15 seconds.
      expire: async (log) => {
        await client.getBlobClient(`${prefix}logs/${log}`).getBlobLeaseClient().breakLease(0);
      },
      close: () => store.close(),
    };
  });

  it("knows its own append and its own write again, where the response is lost and the client sends them twice", async () => {
    through = await losingResponses(azurite.url);
    const { account, key } = azurite;
    const store = new BlobStore(blobContainer(`${through.url}/${account}/store/lost`, { account, key }));
    const lease = await store.createLog("transcripts/1", 15);
    through.lose = 1;
    assert.equal(await store.append(lease, 0, Buffer.from("first\n")), 6);
    through.lose = 1;
    const etag = await store.write("users/alice", { a: 1 }, undefined);
    through.lose = 1;
    assert.equal(await store.write("users/alice", { a: 2 }, etag), (await store.read("users/alice"))?.etag);
    through.lose = 1;
    await store.createLog("transcripts/2", 15);
    assert.equal(through.lose, 0);
    assert.equal((await store.readLog("transcripts/1"))?.toString(), "first\n");
  });

  it("is unavailable without its container, with another key, and while nothing listens", async () => {
    const { url, account } = azurite;
    await refuses("StoreUnavailable", new BlobStore(container("absent")).write("users/alice", {}, undefined));
    await refuses("StoreUnavailable", new BlobStore(container("absent")).read("users/alice"));
    const wrong = blobContainer(`${url}/${account}/store`, { account, key: Buffer.alloc(64).toString("base64") });
    await refuses("StoreUnavailable", new BlobStore(wrong).list("users/"));
    const nothing = blobContainer(`http://127.0.0.1:1/${account}/store`, { account, key: azurite.key });
    await refuses("StoreUnavailable", new BlobStore(nothing).read("users/alice"));
  });
});

/** {@link losingResponses}. */
interface LosingProxy {
  readonly url: string;
  /** How many responses go lost. */
  lose: number;
  close(): void;
}

/** A proxy that forwards requests and destroys the connection in place of the next `lose` responses to PUT. */
async function losingResponses(target: string): Promise<LosingProxy> {
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const state = { url: "", lose: 0, close };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      const [name = "", value = ""] = request.rawHeaders.slice(at, at + 2);
      if (!/^(connection|content-length|transfer-encoding)$/i.test(name)) headers.append(name, value);
    }
    const {
      status,
      headers: got,
      body,
    } = await forward(`${target}${request.url}`, request.method ?? "", headers, chunks);
    if (request.method === "PUT" && state.lose > 0) {
      state.lose -= 1;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, got).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

async function forward(url: string, method: string, headers: Headers, chunks: readonly Buffer[]) {
  const body = method === "PUT" ? Buffer.concat(chunks) : undefined;
  const response = await fetch(url, { method, headers, body });
  const got = Object.fromEntries(
    [...response.headers].filter(([name]) => !/^(connection|keep-alive|transfer-encoding)$/.test(name)),
  );
  return { status: response.status, headers: got, body: Buffer.from(await response.arrayBuffer()) };
}
