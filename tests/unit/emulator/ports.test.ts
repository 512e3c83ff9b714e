import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenAll, type Ports } from "../../../emulator/ports";

const NAMES = ["control", "proxy", "metadata", "machine"] as const;

describe("the ports of the local Azure", () => {
  let folder: string;
  let open: Server[];
  const servers = (): Record<keyof Ports, Server> => {
    const made = Object.fromEntries(NAMES.map((name) => [name, createServer()]));
    open.push(...Object.values(made));
    return made as Record<keyof Ports, Server>;
  };
  const close = () => Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))));
  const stored = (): unknown => JSON.parse(readFileSync(join(folder, "ports.json"), "utf8"));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ports-"));
    open = [];
  });
  afterEach(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are free ports below those of outgoing connections, and stay the same", async () => {
    const ports = await listenAll(folder, servers());
    assert.equal(new Set(Object.values(ports)).size, 4);
    for (const port of Object.values(ports)) assert.ok(port >= 20_000 && port < 30_000, String(port));
    assert.deepEqual(stored(), ports);
    await close();
    assert.deepEqual(await listenAll(folder, servers()), ports);
  });

  it("skip ports in use, and fall back to any port of the system", async () => {
    const holder = createServer();
    open.push(holder);
    await new Promise<void>((done) => holder.listen(0, "127.0.0.1", done));
    const { port: taken } = holder.address() as AddressInfo;
    const choices: number[] = [];
    const ports = await listenAll(folder, servers(), {}, () => {
      choices.push(taken);
      return taken;
    });
    assert.equal(choices.length, 4 * 50);
    assert.ok(Object.values(ports).every((port) => port > 0 && port !== taken));
  });

  it("are four in a row from a requested port, which is not remembered", async () => {
    const first = 30_000 + (process.pid % 2_000);
    const ports = await listenAll(folder, servers(), { port: first });
    assert.deepEqual(ports, { proxy: first, control: first + 1, metadata: first + 2, machine: first + 3 });
    await assert.rejects(listenAll(folder, servers(), { port: first }), { name: "PortTakenError" });
    assert.throws(stored, { code: "ENOENT" });
  });

  it("need an address of this machine", async () => {
    // Documentation's own addresses (RFC 5737) are no machine's.
    const elsewhere = listenAll(folder, servers(), { host: "192.0.2.1", port: 30_000 });
    await assert.rejects(elsewhere, { name: "PortTakenError", message: /To fix: use an address of this machine/ });
  });

  it("are not changed when a remembered port is in use: that is an error", async () => {
    const holder = createServer();
    open.push(holder);
    await new Promise<void>((done) => holder.listen(0, "127.0.0.1", done));
    const { port } = holder.address() as AddressInfo;
    writeFileSync(join(folder, "ports.json"), JSON.stringify({ proxy: port }));
    await assert.rejects(listenAll(folder, servers()), (error: Error) => {
      assert.equal(error.name, "PortTakenError");
      assert.match(
        error.message,
        new RegExp(`EADDRINUSE.*127\\.0\\.0\\.1:${port}\\. The proxy port .* To fix: .*ports\\.json`),
      );
      return true;
    });
    assert.deepEqual(stored(), { proxy: port });
  });
});
