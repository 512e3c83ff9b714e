import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type BulkOrder, issueMany } from "../../../../certs/bulk/issueMany";
import type { ManifestEntry } from "../../../../certs/bulk/manifest";
import { cannotWrite } from "../../../../certs/bulk/outputFolder";
import { numberedIds } from "../../../../certs/bulk/registrationIds";
import type { Certificate } from "../../../../certs/certificate";
import type { CertsError } from "../../../../certs/errors";
import { issueIntermediate } from "../../../../certs/issue";
import { generateKeyPair, type PrivateKey } from "../../../../certs/keys";
import { KeySigner } from "../../../../certs/signer";
import { type Hierarchy, newHierarchy, OpenSsl, stoppedClock } from "../../../cast/certs";

/** A signer that responds asynchronously, counts the signatures in flight, and fails after `left` signatures. */
class LateSigner extends KeySigner {
  inFlight = 0;
  most = 0;
  left = Number.POSITIVE_INFINITY;

  override async sign(data: Uint8Array): Promise<Buffer> {
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    await new Promise((done) => setImmediate(done));
    this.inFlight -= 1;
    this.left -= 1;
    if (this.left < 0) throw new Error("the vault is throttling");
    return super.sign(data);
  }
}

describe("certs/bulk/issueMany", () => {
  let made: Hierarchy;
  let issuer: Certificate;
  let issuerKey: PrivateKey;
  const base = mkdtempSync(join(tmpdir(), "certs-bulk-"));
  let folders = 0;
  before(async () => {
    made = await newHierarchy();
    issuerKey = await generateKeyPair("EC-P256");
    const order = { commonName: "Line 1", publicKey: issuerKey.publicKey, issuer: made.root, clock: stoppedClock() };
    issuer = await issueIntermediate(order);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  const newFolder = (): string => join(base, String(folders++));
  const order = (folder: string, registrationIds: Iterable<string>, more: Partial<BulkOrder> = {}): BulkOrder => ({
    registrationIds,
    issuer,
    issuerKey,
    above: [made.root.certificate],
    folder,
    workers: 0,
    clock: stoppedClock(),
    ...more,
  });
  const entries = (folder: string): ManifestEntry[] =>
    readFileSync(join(folder, "manifest.jsonl"), "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ManifestEntry);

  /** Checks every entry against its files as read by node:crypto, and that there are no other files. */
  function checkFolder(folder: string, ids: readonly string[]): ManifestEntry[] {
    const found = entries(folder);
    assert.deepEqual(found.map(({ registrationId }) => registrationId).sort(), [...ids].sort());
    assert.equal(new Set(found.map(({ serialNumber }) => serialNumber)).size, ids.length);
    for (const entry of found) {
      const text = entry.files.map((file) => readFileSync(join(folder, file), "utf8")).join("");
      const leaf = new X509Certificate(text);
      assert.equal(leaf.subject, `CN=${entry.registrationId}`);
      assert.equal(leaf.serialNumber, entry.serialNumber);
      assert.equal(leaf.fingerprint.replaceAll(":", ""), entry.sha1Thumbprint);
      assert.equal(leaf.fingerprint256.replaceAll(":", ""), entry.sha256Thumbprint);
      assert.equal(new Date(leaf.validTo).toISOString(), entry.notAfter);
      assert.equal(entry.issuerThumbprint, issuer.sha256Thumbprint);
      assert.ok(leaf.verify(issuer.publicKey) && leaf.checkPrivateKey(createPrivateKey(text)));
    }
    assert.deepEqual(
      readdirSync(join(folder, "devices")).sort(),
      found.flatMap(({ files }) => files.map((f) => f.slice(8))).sort(),
    );
    assert.deepEqual(readdirSync(folder).sort(), [".issuing.lock", "devices", "manifest.jsonl"]);
    return found;
  }

  it("issues on worker threads certificates that openssl verifies, one file with mode 0600 per device", async () => {
    const folder = newFolder();
    const ids = [...numberedIds({ count: 300 })];
    const reported: number[] = [];
    const result = await issueMany(
      order(folder, ids, { workers: 2, onProgress: ({ issued }) => reported.push(issued) }),
    );
    assert.deepEqual(result, { issued: 300, skipped: 0, manifest: join(folder, "manifest.jsonl") });
    assert.equal(reported.at(-1), 300);
    checkFolder(folder, ids);
    const file = join(folder, "devices", "device-000300.pem");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const openssl = new OpenSsl();
    try {
      openssl.write("root.pem", made.root.certificate.toPem());
      const at = String(stoppedClock().now().getTime() / 1000);
      const trust = ["-x509_strict", "-attime", at, "-purpose", "sslclient", "-CAfile", "root.pem", "-untrusted", file];
      assert.equal(openssl.run("verify", ...trust, file), `${file}: OK\n`);
      assert.match(openssl.run("pkey", "-in", file, "-check", "-noout"), /Key is valid/);
      assert.match(openssl.run("pkey", "-in", file, "-check", "-pubcheck", "-noout"), /Key is valid/);
    } finally {
      openssl.dispose();
    }
    // The leaf, then its CA; the verifier has the root.
    const names = readFileSync(file, "utf8").match(/-----BEGIN [A-Z ]+-----/g);
    assert.deepEqual(names, ["-----BEGIN PRIVATE KEY-----", ...Array(2).fill("-----BEGIN CERTIFICATE-----")]);
  });

  it("issues with a remote signer, with at most `atOnce` signatures in flight", async () => {
    const folder = newFolder();
    const signer = new LateSigner(issuerKey);
    const ids = [...numberedIds({ count: 300 })];
    const { issued } = await issueMany(order(folder, ids, { issuerKey: signer, atOnce: 6 }));
    assert.equal(issued, 300);
    checkFolder(folder, ids);
    assert.equal(signer.most, 6);
  });

  it("stops when a remote signer fails, leaves nothing running, and continues in the next run", async () => {
    const folder = newFolder();
    const signer = new LateSigner(issuerKey);
    const ids = [...numberedIds({ count: 300 })];
    signer.left = 200;
    await assert.rejects(issueMany(order(folder, ids, { issuerKey: signer })), /the vault is throttling/);
    assert.equal(signer.inFlight, 0);
    // Every signature belongs to a recorded device: none is lost with its batch.
    const recorded = entries(folder).length;
    assert.equal(recorded, 200);
    checkFolder(
      folder,
      entries(folder).map(({ registrationId }) => registrationId),
    );
    signer.left = Number.POSITIVE_INFINITY;
    const { issued, skipped } = await issueMany(order(folder, ids, { issuerKey: signer }));
    assert.deepEqual([issued, skipped], [300 - recorded, recorded]);
    checkFolder(folder, ids);
  });

  it("writes key and chain to separate files, encrypts keys, and generates keys of any algorithm", async () => {
    for (const leafAlgorithm of ["EC-P384", "RSA-2048"] as const) {
      const folder = newFolder();
      const more = { layout: "files", leafAlgorithm, passphrase: "s3cret", durable: true, lifetimeDays: 7 } as const;
      await issueMany(order(folder, ["a:b"], more));
      const [entry] = entries(folder);
      assert.deepEqual(entry?.files, ["devices/a%3Ab.key.pem", "devices/a%3Ab.chain.pem"]);
      const [key = "", chain = ""] = entry.files.map((file) => readFileSync(join(folder, file), "utf8"));
      assert.match(key, /BEGIN ENCRYPTED PRIVATE KEY/);
      const leaf = new X509Certificate(chain);
      assert.ok(leaf.checkPrivateKey(createPrivateKey({ key, passphrase: "s3cret" })));
      assert.equal(leaf.validTo, "Mar  8 12:00:00 2026 GMT");
      assert.throws(() => createPrivateKey({ key, passphrase: "other" }));
    }
  });

  it("continues after a kill at any point: no device lost, none issued twice", async () => {
    const ids = [...numberedIds({ count: 12 })];
    const whole = newFolder();
    await issueMany(order(whole, ids));
    const manifest = readFileSync(join(whole, "manifest.jsonl"));
    // Files are written before their line. So a kill leaves a manifest that ends anywhere, and files without a complete
    // line, each of them complete, truncated or missing.
    const left = fc.array(fc.constantFrom("whole", "cut", "none"), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: manifest.length }), left, async (kept, files) => {
        const folder = newFolder();
        mkdirSync(join(folder, "devices"), { recursive: true });
        writeFileSync(join(folder, "manifest.jsonl"), manifest.subarray(0, kept));
        writeFileSync(join(folder, ".issuing"), "999999999\n");
        const recorded = manifest.subarray(0, kept).toString().split("\n").length - 1;
        for (const [index, id] of ids.entries()) {
          const fate = index < recorded ? "whole" : files[index];
          if (fate === "none") continue;
          const path = join(folder, "devices", `${id}.pem`);
          writeFileSync(path, readFileSync(join(whole, "devices", `${id}.pem`)), { mode: 0o600 });
          if (fate === "cut") truncateSync(path, 100);
        }
        const result = await issueMany(order(folder, ids));
        assert.equal(result.skipped, recorded);
        assert.equal(result.issued, 12 - recorded);
        const found = checkFolder(folder, ids);
        assert.deepEqual(found.slice(0, recorded), entries(whole).slice(0, recorded));
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });

  it("stops when aborted, and continues with more devices later", async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const ids = [...numberedIds({ count: 400 })];
    const first = await issueMany(order(folder, ids, { signal: stop.signal, onProgress: () => stop.abort() }));
    assert.equal(first.issued, 128);
    const second = await issueMany(order(folder, ids));
    assert.deepEqual([second.issued, second.skipped], [272, 128]);
    assert.deepEqual(await issueMany(order(folder, ids)), { ...second, issued: 0, skipped: 400 });
    assert.equal(new Set(entries(folder).map(({ registrationId }) => registrationId)).size, 400);
  });

  describe("refuses", () => {
    it("invalid and duplicate IDs, and keeps what was issued before them", async () => {
      const folder = newFolder();
      const ids = [...numberedIds({ count: 130 })];
      await assert.rejects(issueMany(order(folder, [...ids, "DEVICE-000001"])), {
        code: "badRegistrationId",
        message: /'DEVICE-000001'.*twice/,
      });
      checkFolder(folder, ids.slice(0, 128));
      await assert.rejects(issueMany(order(folder, ["../up"])), { code: "badRegistrationId" });
    });

    it("a folder that another run has locked, until that run ends", async () => {
      const folder = newFolder();
      const running = issueMany(order(folder, ["a"]));
      await assert.rejects(issueMany(order(folder, ["b"])), { code: "folderInUse" });
      await running;
      // In whatever order the two run, one of them gets the folder.
      for (const id of ["c", "d", "e", "f", "g", "h"]) {
        const both = await Promise.allSettled([issueMany(order(folder, [id])), issueMany(order(folder, [id]))]);
        assert.deepEqual(
          both.map((each) => (each.status === "rejected" ? (each.reason as CertsError).code : "issued")).sort(),
          ["folderInUse", "issued"],
        );
      }
      const holding = `new (require("libsql"))(${JSON.stringify(join(folder, ".issuing.lock"))}).exec("BEGIN EXCLUSIVE");
        require("node:fs").writeFileSync(${JSON.stringify(join(folder, ".issuing"))}, process.pid + "\\n");
        console.log("holds"); setInterval(() => {}, 1000);`;
      const other = spawn(process.execPath, ["-e", holding], { stdio: ["ignore", "pipe", "inherit"] });
      await once(other.stdout, "data");
      await assert.rejects(issueMany(order(folder, ["b"])), {
        code: "folderInUse",
        message: new RegExp(`^Process ${other.pid} is issuing into .*To fix: `),
      });
      other.kill("SIGKILL");
      await once(other, "exit");
      await issueMany(order(folder, ["b"]));
      checkFolder(folder, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    });

    it("another issuer's folder, an invalid manifest, and files without a manifest", async () => {
      const folder = newFolder();
      await issueMany(order(folder, ["a"]));
      const root = { issuer: made.root.certificate, issuerKey };
      await assert.rejects(issueMany(order(folder, ["b"], root)), { code: "signerMismatch" });
      const before = readFileSync(join(folder, "manifest.jsonl"), "utf8");
      const table = [
        [before.replace(issuer.sha256Thumbprint, "00"), /another issuer.*To fix: /],
        [`${before}{}\n`, /line 2.*To fix: /],
        [`${before}nonsense\n`, /line 2.*To fix: /],
        [before + before, /lists a twice/],
      ] as const;
      for (const [text, message] of table) {
        writeFileSync(join(folder, "manifest.jsonl"), text);
        await assert.rejects(issueMany(order(folder, ["b"])), { code: "manifest", message });
        assert.equal(readFileSync(join(folder, "manifest.jsonl"), "utf8"), text);
      }
      rmSync(join(folder, "manifest.jsonl"));
      await assert.rejects(issueMany(order(folder, ["a"])), { code: "foreignFiles" });
    });

    it("a file that cannot be written, on this thread and on a worker, and records the rest", async () => {
      for (const workers of [0, 1]) {
        const folder = newFolder();
        mkdirSync(join(folder, "devices", "b.pem"), { recursive: true });
        writeFileSync(join(folder, "manifest.jsonl"), "");
        await assert.rejects(issueMany(order(folder, ["a", "b"], { workers })), {
          name: "CertsError",
          code: "keyFile",
          message: /devices.b\.pem/,
        });
        assert.deepEqual(
          entries(folder).map(({ registrationId }) => registrationId),
          ["a"],
        );
        rmSync(join(folder, "devices", "b.pem"), { recursive: true });
        await issueMany(order(folder, ["a", "b"], { workers }));
        checkFolder(folder, ["a", "b"]);
      }
    });

    it("a full disk, with the file and the remedy", async () => {
      const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      assert.match(cannotWrite("out/manifest.jsonl", full).message, /manifest\.jsonl .*disk is full.*To fix: free/);
      const database = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
      assert.match(cannotWrite("out", database).message, /disk is full/);
      const folder = newFolder();
      mkdirSync(folder, { recursive: true });
      const file = join(folder, "file");
      writeFileSync(file, "");
      await assert.rejects(issueMany(order(join(file, "out"), ["a"])), {
        code: "keyFile",
        message: /cannot be written/,
      });
      mkdirSync(join(folder, "manifest.jsonl"));
      await assert.rejects(issueMany(order(folder, ["a"])), { code: "keyFile", message: /manifest\.jsonl/ });
    });

    it("an empty passphrase", async () => {
      await assert.rejects(issueMany(order(newFolder(), ["a"], { passphrase: "" })), TypeError);
    });
  });
});
