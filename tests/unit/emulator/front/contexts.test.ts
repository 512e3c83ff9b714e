import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuthority, type ServerIdentity } from "../../../../emulator/front/authority";
import { Contexts } from "../../../../emulator/front/contexts";

describe("TLS contexts", () => {
  const folder = mkdtempSync(join(tmpdir(), "contexts-"));
  let identity: ServerIdentity;
  let issued: string[];

  before(async () => {
    identity = await (await openAuthority(folder)).issue("hub-1.azure-devices.net");
  });

  beforeEach(() => {
    issued = [];
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const issue = async (name: string): Promise<ServerIdentity> => {
    issued.push(name);
    return identity;
  };

  it("are created once for concurrent requests, and cached", async () => {
    const contexts = new Contexts({ issue });
    const [first, second] = await Promise.all([contexts.of("a"), contexts.of("a")]);
    assert.equal(first, second);
    assert.equal(await contexts.of("a"), first);
    assert.deepEqual(issued, ["a"]);
  });

  it("are created again when they are about to expire", async () => {
    const contexts = new Contexts({ issue: async (name) => ({ ...(await issue(name)), notAfter: Date.now() }) });
    await contexts.of("a");
    await contexts.of("a");
    assert.deepEqual(issued, ["a", "a"]);
  });

  it("are tried again after a failure, which only its caller sees", async () => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => unhandled.push(error);
    // Mocha listens too, and would fail the run.
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", listen);
    try {
      let fails = true;
      const contexts = new Contexts({
        issue: async (name) => {
          if (fails) throw new Error("no certificate");
          return issue(name);
        },
      });
      await assert.rejects(contexts.of("a"), /no certificate/);
      await new Promise((done) => setImmediate(done));
      assert.deepEqual(unhandled, []);
      fails = false;
      assert.ok(await contexts.of("a"));
    } finally {
      process.removeListener("unhandledRejection", listen);
      for (const other of others) process.on("unhandledRejection", other as NodeJS.UnhandledRejectionListener);
    }
  });

  it("are cached up to a limit", async () => {
    const contexts = new Contexts({ issue }, 2);
    for (const name of ["a", "b", "c", "c", "a"]) await contexts.of(name);
    assert.deepEqual(issued, ["a", "b", "c", "a"]);
  });
});
