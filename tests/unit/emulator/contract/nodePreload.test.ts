import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { azureHost } from "../../../../azure/hosts";

const PRELOAD = resolve(__dirname, "../../../../emulator/contract/preload/azure.cjs");
const run = promisify(execFile);

/** Names at ports of Azure. */
const OF_AZURE = [
  "management.azure.com:443",
  "Global.Azure-Devices-Provisioning.net:8883",
  "hub-1.azure-devices.net:5671",
  "login.microsoftonline.com:443",
  "login.windows.net:443",
  "graph.microsoft.com:443",
  "vault-1.vault.azure.net:443",
];

/** Names at ports that are not of Azure. */
const OTHERS = ["example.com:443", "hub.azure-devices.net.example.com:443", "hub-1.azure-devices.net.example:80"];

/** Connects, in one process with the preload, to names at ports in each of net's spellings; returns the results by name. */
async function reached(targets: readonly string[], direct: string | undefined): Promise<Record<string, string[]>> {
  const program = `
    const net = require("node:net");
    // A name that is not redirected must not be looked up by a test.
    const lookup = (name, options, done) => done(new Error("looked up " + name));
    const reach = async (host, port) => {
      const tries = [
        () => net.connect({ host, port, lookup }),
        () => new net.Socket().connect({ host, port, lookup }),
        () => new net.Socket().connect(port, host),
      ].slice(0, host.includes("example") ? 2 : 3);
      const seen = [];
      for (const start of tries) seen.push(await new Promise((done) => {
        const socket = start();
        socket.on("error", (error) => done(error.message));
        socket.on("data", (data) => { socket.destroy(); done(String(data)); });
      }));
      return seen;
    };
    (async () => {
      const all = {};
      for (const target of ${JSON.stringify(targets)}) {
        const [host, port] = target.split(":");
        all[target] = await reach(host, Number(port));
      }
      console.log(JSON.stringify(all));
    })();`;
  const { ZERO_TOUCH_LOCAL_DIRECT: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, ["--require", PRELOAD, "-e", program], {
    env: { ...env, ...(direct === undefined ? {} : { ZERO_TOUCH_LOCAL_DIRECT: direct }) },
  });
  return JSON.parse(stdout);
}

describe("the preload for Node", () => {
  const server = createServer((socket) => socket.end("the local Azure"));
  let direct = "";
  let seen: Record<string, string[]> = {};

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    direct = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    seen = await reached([...OF_AZURE, ...OTHERS], direct);
  });

  after(() => server.close());

  for (const target of OF_AZURE) {
    it(`sends ${target} to the local Azure, as azure/hosts knows it`, () => {
      assert.ok(azureHost(target.split(":")[0] ?? ""));
      const here = "the local Azure";
      assert.deepEqual(seen[target], [here, here, here]);
    });
  }

  for (const target of OTHERS) {
    it(`leaves ${target} alone`, () => {
      const [host] = target.split(":");
      const alone = `looked up ${host}`;
      assert.deepEqual(seen[target], [alone, alone]);
    });
  }

  it("reaches nothing of Azure without the local Azure's address", async () => {
    const target = "hub-1.azure-devices.net:443";
    const [first] = (await reached([target], undefined))[target] ?? [];
    assert.match(first ?? "", /^hub-1\.azure-devices\.net was not reached: .*ZERO_TOUCH_LOCAL_DIRECT$/);
  });
});
