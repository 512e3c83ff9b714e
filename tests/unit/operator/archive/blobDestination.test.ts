import { strict as assert } from "node:assert";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BlobDestination } from "../../../../operator/archive/blobDestination";
import { OperatorError } from "../../../../operator/operatorError";
import { blobContainer } from "../../../../operator/store/blobContainer";
import { BlobStore } from "../../../../operator/store/blobStore";
import { refuses } from "../../../cast/operator/storeContract";

/** A response of the Blob service. */
interface BlobResponse {
  readonly status: number;
  readonly code?: string;
}

/** No response comes. */
const SILENT = 0;

describe("a blob container as the destination of transcripts", () => {
  let server: Server;
  let response: BlobResponse = { status: 201 };
  let lines: string[] = [];

  before(async () => {
    server = createServer((request, reply) => {
      lines.push(`${request.method} ${request.url} ${request.headers["if-none-match"] ?? ""}`);
      request.resume().once("end", () => {
        const { status, code } = response;
        if (status === SILENT) return;
        reply.writeHead(status, { "x-ms-error-code": code ?? "", etag: '"1"', "content-type": "application/xml" });
        reply.end(code === undefined || request.method === "HEAD" ? "" : `<Error><Code>${code}</Code></Error>`);
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    lines = [];
  });

  const container = (path: string) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account/${path}`;
    return blobContainer(url, path.includes("?") ? undefined : { account: "account", key: "a2V5" });
  };

  it("writes below the folder of its URL, and never over a file", async () => {
    response = { status: 201 };
    await new BlobDestination(container("archive/a%20b/c")).create("1.jsonl", Buffer.from("x"));
    assert.deepEqual(lines, ["PUT /account/archive/a%20b/c/1.jsonl?timeout=10 *"]);
    for (const code of ["BlobAlreadyExists", "UnauthorizedBlobOverwrite", "BlobImmutableDueToPolicy"]) {
      response = { status: 409, code };
      await new BlobDestination(container("archive")).create("1.jsonl", Buffer.from("x"));
    }
  });

  it("has a URL without the shared access signature", () => {
    const { url } = new BlobDestination(container("archive/folder?sv=1&sig=c2VjcmV0"));
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/account\/archive\/folder$/);
  });

  it("reports refusals with code and remedy, and without the signature", async () => {
    const cases: [number, string, RegExp][] = [
      [404, "ContainerNotFound", /create the container/],
      [403, "AuthorizationPermissionMismatch", /Storage Blob Data Contributor/],
      [403, "AuthenticationFailed", /credential, expiry and network rules/],
    ];
    for (const [status, code, remedy] of cases) {
      response = { status, code };
      const destination = new BlobDestination(container("archive?sv=1&sig=c2VjcmV0"));
      for (const request of [destination.read("1.jsonl"), destination.create("1.jsonl", Buffer.from("x"))]) {
        await assert.rejects(request, (error: unknown) => {
          assert.ok(error instanceof OperatorError && error.code === "UploadFailed", String(error));
          assert.match(error.describe(), new RegExp(`${code}[\\s\\S]*To fix: .*${remedy.source}`));
          return !error.describe().includes("c2VjcmV0");
        });
      }
    }
    response = { status: 404, code: "BlobNotFound" };
    assert.equal(await new BlobDestination(container("archive")).read("1.jsonl"), undefined);
  });

  it("as a store has the same codes for leases and conditions", async () => {
    const store = new BlobStore(container("store"));
    const lease = { log: "transcripts/1", id: "00000000-0000-4000-8000-000000000000" };
    const cases: [BlobResponse, "StoreConflict" | "LeaseHeld" | "StoreUnavailable"][] = [
      [{ status: 412, code: "LeaseLost" }, "LeaseHeld"],
      [{ status: 412, code: "LeaseIdMismatchWithBlobOperation" }, "LeaseHeld"],
      [{ status: 412, code: "LeaseNotPresentWithBlobOperation" }, "LeaseHeld"],
      [{ status: 409, code: "BlobAlreadyExists" }, "StoreConflict"],
      [{ status: 403, code: "AuthorizationFailure" }, "StoreUnavailable"],
      [{ status: 409, code: "BlockCountExceedsLimit" }, "StoreUnavailable"],
    ];
    for (const [given, code] of cases) {
      response = given;
      await refuses(code, store.append(lease, 0, Buffer.from("x")));
    }
    response = { status: 409, code: "LeaseAlreadyPresent" };
    await refuses("LeaseHeld", store.acquireLease("transcripts/1", 15));
    response = { status: 412, code: "ConditionNotMet" };
    await refuses("StoreConflict", store.remove("users/alice", '"1"'));
  });

  it("as a store does not wait for a response without an end", async () => {
    const store = new BlobStore(container("store"), 50);
    response = { status: SILENT };
    const lease = { log: "transcripts/1", id: "00000000-0000-4000-8000-000000000000" };
    const requests = [
      () => store.read("users/alice"),
      () => store.write("users/alice", {}, undefined),
      () => store.remove("users/alice", '"1"'),
      () => store.list("users/"),
      () => store.createLog("transcripts/1", 15),
      () => store.append(lease, 0, Buffer.from("x")),
      () => store.readLog("transcripts/1"),
      () => store.listLogs("transcripts/"),
      () => store.removeLog(lease),
      () => store.acquireLease("transcripts/1", 15),
      () => store.isLeased("transcripts/1"),
      () => store.renewLease(lease),
      () => store.releaseLease(lease),
    ];
    for (const send of requests) {
      await assert.rejects(send(), (error: unknown) => {
        assert.ok(error instanceof OperatorError && error.code === "StoreUnavailable", String(error));
        assert.match(error.describe(), /no response within 0.05 seconds/);
        return true;
      });
    }
  });
});
