import { strict as assert } from "node:assert";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { OperatorError } from "../../operator/operatorError";
import type { OperatorStore } from "../../operator/store/operatorStore";
import { aCommand } from "../cast/operator/consoleSession";
import { runSsh, startSsh } from "../cast/operator/sshClient";
import { TestEndpoint } from "../cast/operator/testEndpoint";

describe("limits and failures of the operator endpoint", () => {
  let isAway = false;
  const ran: string[] = [];
  const away = async (): Promise<never> => {
    throw new OperatorError("StoreUnavailable", "The disk is full.", "free some space");
  };
  const endpoint = new TestEndpoint({
    commands: [
      aCommand("Set-Thing", [], {
        run: async () => {
          ran.push("Set-Thing");
          return { value: "done" };
        },
      }),
      aCommand("Remove-Store", [], {
        run: async () => {
          isAway = true;
          return { value: "hidden" };
        },
      }),
    ],
    limits: { idleMs: 300, signInMs: 4000, signInTries: 2, failureMs: 20 },
    wrapStore: (store): OperatorStore =>
      new Proxy(store, {
        get: (target, name: keyof OperatorStore) => {
          const method = target[name].bind(target) as (...args: unknown[]) => unknown;
          return (...args: unknown[]) =>
            isAway && (name === "append" || name === "createLog") ? away() : method(...args);
        },
      }),
  });

  before(async () => {
    await endpoint.start();
    await endpoint.addUser("otto");
  });
  afterEach(() => {
    isAway = false;
  });
  after(() => endpoint.close());

  it("ends a connection without a shell or command after the time without input", async () => {
    const client = startSsh(endpoint.target("otto"), ["-N"]);
    const [code] = await once(client, "exit");
    assert.equal(code, 255);
  });

  it("serves others beside a client that sends many lines, and runs none of them once it is gone", async () => {
    const lines = 5000;
    const client = startSsh(endpoint.target("otto"), ["-T"]);
    client.stdin.on("error", () => undefined);
    client.stdin.write("Set-Thing\n".repeat(lines));
    await once(client.stdout, "data");
    assert.equal((await endpoint.run("otto", "Get-Command Exit")).code, 0);
    client.kill("SIGKILL");
    await once(client, "close");
    await setTimeout(500);
    const left = ran.length;
    assert.ok(left < lines, `${left} lines have run`);
    await setTimeout(200);
    assert.equal(ran.length, left);
    ran.length = 0;
  });

  it("ends a session without input, at a prompt of a parameter, too", async () => {
    for (const line of ["", "Set-OperatorUserPassword\r"]) {
      const terminal = endpoint.terminal("otto");
      await terminal.prompt();
      terminal.type(line);
      await terminal.until("The session ends after 1 minutes without input.");
      await terminal.ended;
      assert.equal((await endpoint.lastTranscript("otto")).at(-1)?.data.reason, "idle");
    }
  });

  it("opens no session, and runs and shows nothing, while the store is away", async () => {
    isAway = true;
    const { code, stdout, stderr } = await endpoint.run("otto", "Set-Thing");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^TranscriptUnavailable: .*\nTo fix: free some space\n$/);
    isAway = false;
    const terminal = endpoint.terminal("otto");
    await terminal.prompt();
    isAway = true;
    terminal.type("Set-Thing\r");
    await terminal.until("TranscriptUnavailable: ");
    assert.equal(await terminal.ended, 1);
    assert.deepEqual(ran, []);
  });

  it("shows no output that cannot be recorded, and ends the session", async () => {
    const { code, stdout, stderr } = await endpoint.run("otto", "Remove-Store");
    assert.deepEqual([code, stdout, stderr.includes("hidden")], [1, "", false]);
    assert.match(stderr, /^TranscriptUnavailable: /);
  });

  it("closes a connection after too many tries, and one that does not sign in in time", async () => {
    const target = { ...endpoint.target("otto"), identity: undefined, password: "wrong" };
    assert.equal((await runSsh(target, ["-o", "NumberOfPasswordPrompts=20", "--", "Exit"])).code, 255);
    const log = readFileSync(join(endpoint.folder, "zt01", "endpoint.log"), "utf8");
    assert.equal(log.match(/"sign-in refused"/g)?.length, 2);
    // It closes a client that says nothing, and one that says hello and nothing more.
    const closed = ["", "SSH-2.0-silent\r\n"].map((hello) => {
      const socket = connect(endpoint.running().port, "127.0.0.1").resume();
      socket.write(hello);
      return new Promise((resolve) => socket.once("close", resolve));
    });
    await Promise.all(closed);
  });
});
