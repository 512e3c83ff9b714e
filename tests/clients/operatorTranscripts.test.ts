import { strict as assert } from "node:assert";
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { type BlobContainer, blobContainer } from "../../operator/store/blobContainer";
import { BlobStore } from "../../operator/store/blobStore";
import { publishedFingerprints } from "../../operator/transcript/instanceKey";
import { verifyTranscript } from "../../operator/transcript/transcriptVerification";
import { type Azurite, startAzurite } from "../cast/azurite";
import { ended } from "../cast/ended";
import { launchTestAzure } from "../cast/launchedAzure";
import { TestEndpoint } from "../cast/operator/testEndpoint";
import { signedIn } from "../cast/signedIn";

/** Writes and reads with Entra ID as the environment says, through the local Azure's proxy. */
const ENTRA = `
  require("./bootstrap/typescript.cjs");
  const { BlobDestination } = require("./operator/archive/blobDestination.ts");
  const { blobContainer } = require("./operator/store/blobContainer.ts");
  const { openStore } = require("./operator/store/openStore.ts");
  (async () => {
    const url = "https://teamstate.blob.core.windows.net/entra";
    await blobContainer(url).client.create();
    const destination = new BlobDestination(blobContainer(url + "/folder"));
    await destination.create("one.jsonl", Buffer.from("first"));
    await destination.create("one.jsonl", Buffer.from("second"));
    const store = openStore(url);
    const lease = await store.createLog("transcripts/1", 15);
    await store.append(lease, 0, Buffer.from("line"));
    console.log(destination.url, String(await destination.read("one.jsonl")), String(await store.readLog("transcripts/1")));
  })();`;

describe("transcripts in Azure Blob Storage, on Azurite, by OpenSSH's client", function () {
  this.timeout(120_000);
  let azurite: Azurite;
  let endpoint: TestEndpoint;

  before(async () => {
    azurite = await startAzurite({ tokens: false });
    for (const name of ["store", "archive"]) await container(name).client.create();
    endpoint = new TestEndpoint({ wrapStore: () => new BlobStore(container("store")) });
    await endpoint.start("zt01");
    await endpoint.start("zt02");
    await endpoint.addUser("alice");
  });
  after(async () => {
    await endpoint?.close();
    await azurite?.close();
  });

  const urlOf = (name: string): string => `${azurite.url}/${azurite.account}/${name}`;
  const container = (name: string): BlobContainer => blobContainer(urlOf(name), azurite);

  /** Files of a folder in the container `archive`. */
  const files = async (folder: string): Promise<Buffer[]> => {
    const { client } = container("archive");
    const found: Buffer[] = [];
    for await (const { name } of client.listBlobsFlat({ prefix: `${folder}/` })) {
      found.push(await client.getBlobClient(name).downloadToBuffer());
    }
    return found;
  };

  it("go to a container with those of earlier sessions, by the account's key, and leave the store then", async () => {
    assert.equal((await endpoint.run("alice", "Get-Command Exit")).code, 0);
    assert.equal((await endpoint.run("alice", "Exit")).code, 0);
    const command = `Close-PrivilegedEndpoint ${urlOf("archive/by-key")} -Credential ${azurite.account} --json`;
    const { code, stdout, stderr } = await endpoint.run("alice", command, `${azurite.key}\n`);
    assert.equal(code, 0, stderr);
    const { transcripts } = JSON.parse(stdout) as { transcripts: { state: string; file: string }[] };
    assert.deepEqual(
      transcripts.map(({ state }) => state),
      ["uploaded", "uploaded", "uploaded"],
    );
    const [trusted, uploaded] = [await publishedFingerprints(endpoint.store), await files("by-key")];
    assert.equal(uploaded.length, 3);
    for (const bytes of uploaded) {
      assert.equal(verifyTranscript(bytes, { trusted, mustBeSealed: true }).isClosed, true);
      assert.ok(!bytes.includes(azurite.key));
    }
    assert.deepEqual(await endpoint.store.listLogs("transcripts/"), []);
    assert.deepEqual(await endpoint.store.list("sessions/"), []);
  });

  it("go by a shared access signature that may read and create, which no transcript has", async () => {
    const shared = new StorageSharedKeyCredential(azurite.account, azurite.key);
    const permissions = ContainerSASPermissions.parse("rc");
    const expiresOn = new Date(Date.now() + 600_000);
    const sas = generateBlobSASQueryParameters({ containerName: "archive", permissions, expiresOn }, shared).toString();
    const { code, stdout, stderr } = await endpoint.run(
      "alice",
      `Close-PrivilegedEndpoint '${urlOf("archive/by-sas")}?${sas}'`,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /uploaded, \d+ bytes, SHA-256 [0-9a-f]{64}\nThe session is closed\. Transcripts are at http/);
    const [bytes = Buffer.alloc(0)] = await files("by-sas");
    assert.match(String(bytes), /sig=\*\*\*/);
    assert.ok(!`${bytes}${stdout}`.includes(new URLSearchParams(sas).get("sig") ?? sas));
    assert.ok(!bytes.includes(encodeURIComponent(new URLSearchParams(sas).get("sig") ?? sas)));
  });

  it("stay, and the session goes on, where key or container are wrong", async () => {
    const input = `${Buffer.alloc(64).toString("base64")}\n`;
    const wrongKey = `Close-PrivilegedEndpoint ${urlOf("archive")} -Credential ${azurite.account}`;
    const refused = await endpoint.run("alice", wrongKey, input);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /^UploadFailed: .*AuthorizationFailure.*\nTo fix: see that credential/m);
    const noContainer = `Close-PrivilegedEndpoint ${urlOf("absent")} -Credential ${azurite.account}`;
    const absent = await endpoint.run("alice", noContainer, `${azurite.key}\n`);
    assert.match(absent.stderr, /^UploadFailed: .*ContainerNotFound.*\nTo fix: create the container/m);
    assert.equal((await endpoint.store.listLogs("transcripts/")).length, 2);
  });

  it("go on in another instance over the same container, whole", async () => {
    const first = endpoint.terminal("alice", endpoint.target("alice", endpoint.running("zt01")));
    await first.prompt();
    await first.line("Get-Command Exit");
    await endpoint.running("zt01").close();
    await first.ended;
    const second = endpoint.terminal("alice", endpoint.target("alice", endpoint.running("zt02")));
    await second.until("Go on with it?");
    second.type("y\r");
    await second.prompt();
    second.type("Exit\r");
    assert.equal(await second.ended, 0);
    const kinds = (await endpoint.transcripts()).map((entries) => entries.map(({ kind }) => kind));
    const whole = ["opened", "command", "output", "takenOver", "command", "output", "closed"];
    assert.deepEqual(kinds.at(-1), whole);
    const trusted = await publishedFingerprints(endpoint.store);
    for (const log of await endpoint.store.listLogs("transcripts/")) {
      verifyTranscript((await endpoint.store.readLog(log)) ?? Buffer.alloc(0), { trusted, mustBeSealed: false });
    }
  });

  it("go to a storage account by Entra ID, as does the store, behind the local Azure", async () => {
    const [azure, account] = await Promise.all([launchTestAzure(), startAzurite({ tokens: true })]);
    try {
      assert.equal((await azure.control("POST", "/storage", { azurite: account.url })).status, 200);
      const { out, stderr } = await ended(process.execPath, ["-e", ENTRA], await signedIn(azure, "secret"));
      assert.equal(out, "https://teamstate.blob.core.windows.net/entra/folder first line\n", stderr);
    } finally {
      await Promise.all([azure.close(), account.close()]);
    }
  });
});
