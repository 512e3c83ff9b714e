import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alive } from "../../../bootstrap/lock.cjs";
import type { SetupError } from "../../../bootstrap/setupError.cjs";
import { takeLock } from "../../../certs/exclusiveLock";
import { pathsOf } from "../../../cli/checkoutPaths";
import { control, isLocalAzure, storedEvents } from "../../../cli/local/controlClient";
import { busy, logFile, rememberedPorts, running, started, stopped } from "../../../cli/local/localAzureProcess";
import { bundleFile } from "../../../cli/local/localEnvironment";
import { readReady, readyFile } from "../../../cli/local/readyFile";
import { bundleText, writeBundle } from "../../../cli/local/trustBundle";
import { aReady } from "../../cast/ready";

const FAKE = join(__dirname, "..", "..", "cast", "pretendAzure.cjs");

describe("cli/local", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "local-"));
  });
  afterEach(async () => {
    await stopped({ paths: pathsOf(root) });
    rmSync(root, { recursive: true });
  });
  const options = (...behave: string[]) => ({ paths: pathsOf(root), program: [FAKE, ...behave], patience: 5000 });

  it("starts it once, finds it again, stops it by request", async () => {
    const first = await started(options());
    assert.ok(alive(first.pid));
    assert.deepEqual(await started(options()), first);
    assert.deepEqual(await running(pathsOf(root)), first);
    assert.equal((await storedEvents(first, "hub")).length, 1);
    assert.deepEqual(await storedEvents(first, "other"), []);
    assert.equal((await control({ ...first, controlToken: "wrong" }, "POST", "/reset")).status, 403);
    assert.equal(await stopped(options()), true);
    assert.ok(!alive(first.pid));
    assert.ok(!existsSync(readyFile(pathsOf(root).azure)));
    assert.equal(await stopped(options()), false);
  });

  it("starts again after a kill that left ready.json behind", async () => {
    const killed = await started(options());
    process.kill(killed.pid, "SIGKILL");
    const next = await started(options());
    assert.notEqual(next.pid, killed.pid);
    assert.ok(await isLocalAzure(next));
  });

  it("does not mistake another program with the old process ID for the local Azure", async () => {
    const paths = pathsOf(root);
    mkdirSync(paths.azure, { recursive: true });
    writeFileSync(
      readyFile(paths.azure),
      JSON.stringify(aReady({ pid: process.pid, controlUrl: "http://127.0.0.1:9" })),
    );
    assert.notEqual(readReady(paths.azure), undefined);
    assert.equal(await running(paths), undefined);
    assert.notEqual((await started(options())).pid, process.pid);
  });

  it("starts one for two concurrent runs", async () => {
    const [one, two] = await Promise.all([started(options()), started(options())]);
    assert.equal(one.pid, two.pid);
  });

  /** What an interrupted command leaves: a detached process that starts. */
  const interrupted = () => {
    const { local, azure } = pathsOf(root);
    mkdirSync(azure, { recursive: true });
    const child = spawn(process.execPath, [FAKE, "--behave", "slow", "--dir", azure], { stdio: "ignore" });
    writeFileSync(join(local, "launched"), `${child.pid}\n`);
    return child.pid ?? 0;
  };

  it("waits for one that an interrupted command launched, and uses it", async () => {
    const pid = interrupted();
    assert.equal(busy(pathsOf(root))?.pid, pid);
    assert.equal((await started(options())).pid, pid);
  });

  it("stops one that an interrupted command launched", async () => {
    const pid = interrupted();
    assert.equal(await stopped(options()), true);
    assert.ok(!alive(pid));
    assert.equal(busy(pathsOf(root)), undefined);
  });

  it("finds a process without ready.json by its lock, and no stranger by an old process ID", async () => {
    const paths = pathsOf(root);
    mkdirSync(paths.azure, { recursive: true });
    writeFileSync(join(paths.azure, "pid"), `${process.pid}\n`);
    assert.equal(busy(paths), undefined);
    const unlock = takeLock(join(paths.azure, "lock.db"), join(paths.azure, "pid"));
    try {
      assert.deepEqual(busy(paths), { pid: process.pid });
    } finally {
      unlock();
    }
    assert.equal(busy(paths), undefined);
  });

  it("says why a start failed, with the last lines of the log", async () => {
    await assert.rejects(started(options("--behave", "exit")), (error: SetupError) => {
      assert.equal(error.code, "LOCAL_AZURE_FAILED");
      assert.match(error.message, /did not start: .*code 2/);
      assert.equal(error.why, "state.db is not a database");
      return true;
    });
  });

  it("gives up on one that never gets ready, and leaves no process", async () => {
    const silent = started({ ...options("--behave", "silent"), patience: 100 });
    await assert.rejects(silent, { code: "LOCAL_AZURE_FAILED", message: /was not ready after 0 seconds/ });
  });

  it("names the occupied port from the log", async () => {
    const { azure } = pathsOf(root);
    mkdirSync(azure, { recursive: true });
    await assert.rejects(started(options("--behave", "port")), (error: SetupError) => {
      assert.equal(error.code, "PORT_TAKEN");
      assert.match(error.message, /Port 4711 \(listener\) .*taken/);
      assert.ok(error.why.includes(join(azure, "ports.json")));
      return true;
    });
  });

  describe("with a remembered port", () => {
    let other: Server;
    beforeEach((done) => {
      other = createServer().listen(0, "127.0.0.1", () => done());
    });
    afterEach((done) => {
      other.close(() => done());
    });

    it("finds it occupied before anything is started", async () => {
      const { azure } = pathsOf(root);
      const { port } = other.address() as AddressInfo;
      mkdirSync(azure, { recursive: true });
      writeFileSync(join(azure, "ports.json"), JSON.stringify({ proxy: port, note: "text" }));
      assert.deepEqual(rememberedPorts(azure), { proxy: port });
      await assert.rejects(started(options()), {
        code: "PORT_TAKEN",
        message: new RegExp(`Port ${port} \\(proxy\\) .*taken`),
      });
      assert.ok(!existsSync(logFile(azure)));
    });
  });

  it("keeps the log and ready.json readable for the owner only", async () => {
    await started(options());
    if (process.platform === "win32") return;
    for (const file of [logFile(pathsOf(root).azure), readyFile(pathsOf(root).azure)]) {
      assert.equal(statSync(file).mode & 0o077, 0, file);
    }
  });

  it("writes roots and local CA as one bundle, and again only for another CA", () => {
    const ca = join(root, "ca.pem");
    const bundle = bundleFile(pathsOf(root));
    writeFileSync(ca, "LOCAL 1\n");
    let asked = 0;
    const roots = () => `ROOTS ${++asked}\n\n`;
    writeBundle(bundle, ca, roots);
    writeBundle(bundle, ca, roots);
    assert.equal(readFileSync(bundle, "utf8"), "ROOTS 1\nLOCAL 1\n");
    writeFileSync(ca, "LOCAL 2\n");
    writeBundle(bundle, ca, roots);
    assert.equal(readFileSync(bundle, "utf8"), bundleText("ROOTS 2", "LOCAL 2"));
    writeBundle(join(root, "real", "bundle.pem"), ca);
    assert.match(readFileSync(join(root, "real", "bundle.pem"), "utf8"), /BEGIN CERTIFICATE[\s\S]*\nLOCAL 2\n$/);
  });
});
