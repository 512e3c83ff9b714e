import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { join } from "node:path";
import type { OperatorCommand } from "../../operator/commands/operatorCommand";
import { aCommand } from "../cast/operator/consoleSession";
import { runSsh, type SshTarget, startSsh } from "../cast/operator/sshClient";
import { PASSWORD, TestEndpoint } from "../cast/operator/testEndpoint";
import { atWindowSizes } from "../cast/operator/windowSizes";

const LONG = "x".repeat(3_000_000);

const COMMANDS: readonly OperatorCommand[] = [
  aCommand("Wait-Signal", [], {
    run: async (_, { signal, progress }) => {
      await progress("waiting");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    },
  }),
  aCommand("Get-Long", [], { run: async () => ({ value: LONG }) }),
  aCommand("Get-Width", [], { run: async () => ({ value: [{ a: "1".repeat(30), b: "2".repeat(60) }] }) }),
];

describe("the operator endpoint, by OpenSSH's client", () => {
  const endpoint = new TestEndpoint({ commands: COMMANDS, limits: { unauthenticatedOfSource: 3, failureMs: 20 } });

  before(async () => {
    await endpoint.start();
    await endpoint.addUser("ada", "administrator", true);
    await endpoint.addUser("otto");
  });
  after(() => endpoint.close());

  const byPassword = (user: string, password: string): SshTarget => ({
    ...endpoint.target("ada"),
    user,
    password,
    identity: undefined,
  });
  const kinds = async (user: string) =>
    (await endpoint.lastTranscript(user)).map(({ kind, data }) => [kind, data.line ?? data.reason ?? data.error ?? ""]);

  it("accepts a key and a password, and refuses others", async () => {
    const target = endpoint.target("ada");
    assert.deepEqual(await endpoint.run("ada", "Get-Command Exit"), {
      code: 0,
      stdout: "Exit  Ends the session. Its transcript stays in the store.\n",
      stderr: "",
    });
    assert.equal((await runSsh(byPassword("ADA", PASSWORD), ["--", "Get-Command Exit"])).code, 0);
    assert.equal((await endpoint.lastTranscript("ada"))[0]?.data.credential, "password");
    const refused = await Promise.all(
      [
        byPassword("ada", `${PASSWORD}!`),
        byPassword("unknown", PASSWORD),
        { ...target, identity: endpoint.target("otto").identity },
      ].map((wrong) => runSsh(wrong, ["--", "Exit"])),
    );
    for (const { code, stderr } of refused) {
      assert.deepEqual([code, /Permission denied \(publickey,password\)/.test(stderr)], [255, true], stderr);
    }
  });

  it("refuses a script with exit code 2, and records it", async () => {
    const { code, stdout, stderr } = await endpoint.run("otto", "Get-Command | sh");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^ScriptsNotAllowed: The line has a pipe \(\|\)\.\nTo fix: /);
    assert.deepEqual(await kinds("otto"), [
      ["opened", ""],
      ["refused", "Get-Command | sh"],
      ["closed", "completed"],
    ]);
  });

  it("serves scripts on the operator's machine: JSON, exit codes, secrets on standard input, long outputs", async () => {
    const { stdout } = await endpoint.run("ada", "Get-OperatorUser otto --json");
    assert.equal(JSON.parse(stdout)[0].name, "otto");
    assert.equal((await endpoint.run("otto", "Get-OperatorUser")).code, 2);
    assert.equal((await endpoint.run("otto", "Set-OperatorUserPassword", `${PASSWORD}\n`)).code, 0);
    assert.equal((await runSsh(byPassword("otto", PASSWORD), ["--", "Exit"])).code, 0);
    assert.equal((await endpoint.run("otto", "Set-OperatorUserPassword")).code, 2);
    const long = await endpoint.run("otto", "Get-Long");
    assert.deepEqual([long.code, long.stdout === `${LONG}\n`], [0, true]);
    const lines = await runSsh(endpoint.target("otto"), ["-T"], "Get-Command Exit\n$x\nget-help exit\r\n");
    assert.deepEqual([lines.code, lines.stdout.includes("SYNOPSIS")], [0, true]);
  });

  it("edits lines at a terminal: completion, history, Ctrl+C, prompts without echo, type-ahead", async () => {
    const terminal = endpoint.terminal("ada");
    await terminal.prompt();
    terminal.type("get-comm\t exi\t-s\t\r");
    assert.match(await terminal.prompt(), /Exit \[--json\]\r\n/);
    terminal.type("\u001b[A\u0003");
    assert.match(await terminal.until("^C"), /Get-Command {2}Exit -Syntax/);
    await terminal.prompt();
    terminal.type(`New-OperatorUser mia -Password\r${PASSWORD}\r${PASSWORD}\rGet-OperatorUser mia\r`);
    const shown = (await terminal.prompt()) + (await terminal.prompt());
    assert.match(
      shown,
      /cmdlet New-OperatorUser at command pipeline position 1\r\n.*\r\nPassword: \r\nConfirm Password: \r\n/,
    );
    assert.match(shown, /HasPassword +: true/);
    assert.ok(!shown.includes("umbrellas"));
    terminal.type("Wait-Signal\r");
    await terminal.until("waiting");
    terminal.type("\u001a\u0003");
    assert.match(await terminal.prompt(), /Cancelled: /);
    terminal.type("Exit\r");
    assert.equal(await terminal.ended, 0);
    const transcript = JSON.stringify(await endpoint.lastTranscript("ada"));
    assert.ok(!transcript.includes("umbrellas"));
    assert.match(transcript, /"reason":"Exit"/);
  });

  it("ends a shell at Ctrl+D, and a session of a removed user, also where another one has the name", async () => {
    await endpoint.addUser("tom");
    const terminal = endpoint.terminal("tom");
    await terminal.prompt();
    assert.equal((await endpoint.run("ada", "Remove-OperatorUser tom")).code, 0);
    await endpoint.addUser("tom");
    terminal.type("Get-Command\r");
    assert.match(await terminal.until("\n"), /Get-Command/);
    await terminal.until("UserNotFound");
    assert.equal(await terminal.ended, 1);
    const other = endpoint.terminal("otto");
    await other.prompt();
    other.type("\u0004");
    assert.equal(await other.ended, 0);
    assert.equal((await endpoint.lastTranscript("otto")).at(-1)?.data.reason, "completed");
  });

  it("cancels a command whose connection drops, and records its outcome", async () => {
    const client = startSsh(endpoint.target("otto"), ["--", "Wait-Signal"]);
    await new Promise((resolve) => client.stderr.once("data", resolve));
    client.kill("SIGKILL");
    assert.deepEqual((await kinds("otto")).slice(1), [
      ["command", "Wait-Signal"],
      ["output", ""],
      ["output", "Cancelled"],
      ["closed", "disconnected"],
    ]);
  });

  it("has one session for all channels of a connection", async () => {
    const socket = join(endpoint.folder, "control");
    const control = ["-o", "ControlMaster=auto", "-o", `ControlPath=${socket}`, "-o", "ControlPersist=yes"];
    const target = endpoint.target("otto");
    await runSsh(target, [...control, "--", "Get-Command Exit"]);
    await runSsh(target, [...control, "--", "Get-Help Exit"]);
    await runSsh(target, [...control, "-O", "exit"]);
    assert.deepEqual(
      (await kinds("otto")).filter(([kind]) => kind !== "output"),
      [
        ["opened", ""],
        ["command", "Get-Command Exit"],
        ["command", "Get-Help Exit"],
        ["closed", "completed"],
      ],
    );
  });

  it("forwards no port, no agent, no display and no variable, and has no subsystem", async () => {
    const target = endpoint.target("otto");
    const options = ["-A", "-X", "-R", "0:127.0.0.1:1", "-o", "SetEnv=X=1", "-o", "ExitOnForwardFailure=no"];
    assert.equal((await runSsh(target, [...options, "--", "Get-Command Exit"])).code, 0);
    for (const refused of [
      ["-W", "127.0.0.1:22"],
      ["-s", "--", "sftp"],
      ["-R", "0:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes", "-N"],
    ]) {
      assert.equal((await runSsh(target, refused)).code, 255, refused.join(" "));
    }
  });

  it("fits tables to the terminal's width, also when that changes", async () => {
    const { port, identity = "", knownHosts } = endpoint.target("otto");
    const ssh = ["ssh", "-F", "none", "-p", `${port}`, "-i", identity, "-o", `UserKnownHostsFile=${knownHosts}`];
    const shown = await atWindowSizes([...ssh, "otto@127.0.0.1"], [120, 60, 120], "Get-Width");
    assert.deepEqual(
      shown.map((text) => /^A +B/m.test(text)),
      [true, false, true],
    );
  });

  it("locks a user after wrong passwords, and still accepts the key", async () => {
    await endpoint.addUser("lea", "operator", true);
    for (let tries = 0; tries < 5; tries += 1) await runSsh(byPassword("lea", "wrong"), ["--", "Exit"]);
    assert.equal((await runSsh(byPassword("lea", PASSWORD), ["--", "Exit"])).code, 255);
    assert.equal((await endpoint.run("lea", "Exit")).code, 0);
    assert.match((await endpoint.run("ada", "Get-OperatorUser lea")).stdout, /LockedUntil +: \d/);
    assert.equal((await endpoint.run("ada", "Set-OperatorUser lea -Unlock")).code, 0);
    assert.equal((await runSsh(byPassword("lea", PASSWORD), ["--", "Exit"])).code, 0);
  });

  it("accepts few connections of a source that do not sign in", async () => {
    const { port } = endpoint.running();
    const silent = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(port, "127.0.0.1");
        await new Promise((resolve) => socket.once("data", resolve));
        return socket;
      }),
    );
    assert.equal((await endpoint.run("otto", "Exit")).code, 255);
    for (const socket of silent) socket.destroy();
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    assert.equal((await endpoint.run("otto", "Exit")).code, 0);
  });
});
