import { strict as assert } from "node:assert";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BlobDestination } from "../../../../operator/archive/blobDestination";
import { OperatorError } from "../../../../operator/operatorError";
import { blobContainer } from "../../../../operator/store/blobContainer";
import { blobFailure, blobFailureText, blobRemedy } from "../../../../operator/store/blobErrors";
import { BlobStore } from "../../../../operator/store/blobStore";
import { refuses } from "../../../cast/operator/storeContract";

/** A response of the Blob service. */
interface BlobResponse {
  readonly status: number;
  readonly code?: string;
  /** Of a server on the way, which knows no headers of Azure. */
  readonly isGateway?: boolean;
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
        const { status, code, isGateway } = response;
        if (status === SILENT) return;
        const azure = { "x-ms-request-id": "1", ...(code === undefined ? {} : { "x-ms-error-code": code }) };
        reply.writeHead(status, { ...(isGateway ? {} : azure), etag: '"1"', "content-type": "application/xml" });
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

  it("says who refused, and suggests a credential only where the storage account did", async () => {
    const refusals: [BlobResponse, RegExp, RegExp][] = [
      [{ status: 403, isGateway: true }, /^UploadFailed: A proxy .* not Azure Blob Storage: HTTP 403/, /NO_PROXY/],
      [{ status: 407, isGateway: true }, /^UploadFailed: A proxy .* not Azure Blob Storage: HTTP 407/, /NO_PROXY/],
      [{ status: 501, code: "NotEmulated" }, /^UploadFailed: The local Azure does not emulate/, /Azurite/],
      [{ status: 403 }, /^UploadFailed: Azure Blob Storage refuses at .*: HTTP 403/, /credential/],
    ];
    for (const [given, what, remedy] of refusals) {
      response = given;
      await assert.rejects(new BlobDestination(container("archive")).read("1.jsonl"), (error: OperatorError) => {
        assert.match(error.describe(), what);
        assert.match(error.remedy ?? "", remedy);
        return true;
      });
    }
  });

  it("says where no server was reached", () => {
    const cases: [unknown, RegExp, RegExp][] = [
      [{ code: "ENOTFOUND", message: "getaddrinfo" }, /host name acc\.example has no address: ENOTFOUND/, /DNS/],
      [{ code: "ECONNREFUSED", message: "connect" }, /acc\.example did not respond: ECONNREFUSED/, /firewall/],
      [{ code: "SELF_SIGNED_CERT_IN_CHAIN", message: "x" }, /TLS connection .* failed: SELF_S/, /NODE_EXTRA_CA_CERTS/],
      [{ code: "ERR_TLS_CERT_ALTNAME_INVALID", message: "x" }, /TLS connection .* failed/, /NODE_EXTRA_CA_CERTS/],
      [
        { name: "AuthenticationError", statusCode: 401, message: "AADSTS700016" },
        /cannot sign in with Entra ID.*AADSTS700016/,
        /az login/,
      ],
      [
        { code: "NotEmulated", statusCode: 501, message: "No storage. To fix: start it (docs/x.md).\nRequestId" },
        /The local Azure does not emulate .*NotEmulated: No storage\.$/,
        /^start it \(docs\/x\.md\)$/,
      ],
      [{ name: "CredentialUnavailableError", message: "no credential" }, /cannot sign in with Entra ID/, /az login/],
    ];
    for (const [error, what, remedy] of cases) {
      const failure = blobFailure(error);
      assert.match(blobFailureText(failure, "https://acc.example/archive"), what);
      assert.match(blobRemedy(failure), remedy);
      assert.doesNotMatch(blobFailureText(failure, "https://acc.example/archive"), /Blob Storage refuses/);
    }
  });

  it("as a store does not take a proxy's 404 for a missing document", async () => {
    const store = new BlobStore(container("store"));
    response = { status: 404, isGateway: true };
    await refuses("StoreUnavailable", store.read("users/alice"));
    response = { status: 404, code: "BlobNotFound" };
    assert.equal(await store.read("users/alice"), undefined);
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
