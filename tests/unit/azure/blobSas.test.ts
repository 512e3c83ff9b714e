import { strict as assert } from "node:assert";
import { generateBlobSASQueryParameters, StorageSharedKeyCredential } from "@azure/storage-blob";
import {
  createBlobSas,
  createDelegatedBlobSas,
  encodeBlobName,
  parseStorageAddress,
  parseStorageConnectionString,
} from "../../../azure/blobSas";

const KEY = Buffer.alloc(64, 3).toString("base64");

describe("signatures of blobs", () => {
  it("are those of Azure's own client", () => {
    const account = { name: "contoso", key: KEY, blobEndpoint: "https://contoso.blob.core.windows.net" };
    const expires = new Date("2026-03-01T13:00:00Z");
    const blob = "pump 1/ü&=?/a.txt";
    const query = new URLSearchParams(
      createBlobSas(account, { container: "uploads", blob, permissions: "rw", expires }),
    );
    const expected = generateBlobSASQueryParameters(
      {
        version: "2018-03-28",
        containerName: "uploads",
        blobName: blob,
        permissions: { toString: () => "rw" } as never,
        expiresOn: expires,
      },
      new StorageSharedKeyCredential(account.name, KEY),
    );
    assert.equal(query.get("sig"), expected.signature);
    assert.deepEqual([...query.keys()], ["sv", "sr", "sig", "se", "sp"]);
  });

  it("by a user delegation key are those of Azure's own client", () => {
    const account = { name: "contoso", blobEndpoint: "https://contoso.blob.core.windows.net" };
    const [expires, start] = [new Date("2026-03-01T13:00:00Z"), new Date("2026-03-01T11:55:00Z")];
    const blob = "pump 1/ü&=?/a.txt";
    const key = {
      objectId: "o-1",
      tenantId: "t-1",
      start: "2026-03-01T11:55:00Z",
      expiry: "2026-03-01T13:00:00Z",
      service: "b",
      version: "2021-12-02",
      value: KEY,
    };
    const grant = { container: "uploads", blob, permissions: "rw", expires };
    const query = new URLSearchParams(createDelegatedBlobSas(account, key, grant));
    const expected = generateBlobSASQueryParameters(
      {
        version: "2018-11-09",
        containerName: "uploads",
        blobName: blob,
        permissions: { toString: () => "rw" } as never,
        expiresOn: expires,
      },
      {
        signedObjectId: "o-1",
        signedTenantId: "t-1",
        signedStartsOn: start,
        signedExpiresOn: expires,
        signedService: "b",
        signedVersion: "2021-12-02",
        value: KEY,
      },
      account.name,
    );
    assert.deepEqual(Object.fromEntries(query), Object.fromEntries(new URLSearchParams(expected.toString())));
  });

  it("keep the slashes of a name in a URL", () => {
    assert.equal(encodeBlobName("pump 1/a#b/ü"), "pump%201/a%23b/%C3%BC");
  });
});

describe("connection strings of storage accounts", () => {
  it("name the account, its key and its Blob service", () => {
    const whole = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${KEY};EndpointSuffix=core.windows.net`;
    const contoso = { name: "contoso", key: KEY, blobEndpoint: "https://contoso.blob.core.windows.net" };
    assert.deepEqual(parseStorageConnectionString(whole), contoso);
    assert.deepEqual(parseStorageConnectionString(`accountkey=${KEY}; accountname=contoso;`), contoso);
    const local = `AccountName=contoso;AccountKey=${KEY};BlobEndpoint=http://127.0.0.1:10000/contoso/`;
    assert.equal(parseStorageConnectionString(local)?.blobEndpoint, "http://127.0.0.1:10000/contoso");
  });

  it("name the account and its Blob service without a key", () => {
    const contoso = { name: "contoso", blobEndpoint: "https://contoso.blob.core.windows.net" };
    assert.deepEqual(parseStorageAddress("AccountName=contoso"), contoso);
    assert.deepEqual(parseStorageAddress(`AccountName=contoso;AccountKey=${KEY}`), contoso);
    assert.equal(parseStorageAddress("BlobEndpoint=https://contoso.blob.core.windows.net"), undefined);
  });

  it("are refused without a name, with a key that is no Base64, and with an address that is no URL", () => {
    for (const text of [
      "",
      "AccountName=contoso",
      `AccountKey=${KEY}`,
      `AccountName=Contoso;AccountKey=${KEY}`,
      "AccountName=contoso;AccountKey=****",
      `AccountName=contoso;AccountKey=${KEY};BlobEndpoint=ftp://a`,
      `AccountName=contoso;AccountKey=${KEY};BlobEndpoint=https://`,
    ]) {
      assert.equal(parseStorageConnectionString(text), undefined, text);
    }
  });
});
