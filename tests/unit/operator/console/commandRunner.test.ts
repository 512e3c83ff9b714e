import { strict as assert } from "node:assert";
import { OperatorError, type OperatorErrorCode } from "../../../../operator/operatorError";
import { aCommand, ConsoleSession } from "../../../cast/operator/consoleSession";

describe("operator/console/commandRunner", () => {
  const get = aCommand("Get-Thing", [{ name: "Name", type: "String", about: "Its name.", position: 0 }]);

  it("records a command before it runs, and its output before it is shown", async () => {
    const session = new ConsoleSession([get]);
    assert.deepEqual(await session.run("get-thing pump"), { exitCode: 0, endsSession: false });
    assert.deepEqual(session.events, ["command", "run Get-Thing", "output", "shown"]);
    assert.deepEqual(session.entries, [
      {
        kind: "command",
        data: { number: 1, line: "get-thing pump", command: "Get-Thing", parameters: { Name: "pump" } },
      },
      { kind: "output", data: { number: 1, text: "Name : pump\n", exitCode: 0 } },
    ]);
    assert.equal(session.shown, "Name : pump\n");
  });

  it("records no word of a line that may be a password, typed at the prompt", async () => {
    const session = new ConsoleSession([get]);
    const cases: readonly (readonly [string, string])[] = [
      ["correct horse battery staple", "***"],
      ["Tr0ub4dor&3", "***"],
      ["Get-Rekt!99", "***"],
      ["if you only knew", "***"],
      ["HostName=h;SharedAccessKey=c2VjcmV0", "***"],
      ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "***"],
      ["cat my-passphrase", "cat ***"],
      ["Get-Process my-passphrase | Stop-Process", "Get-Process ***"],
      ["whoami", "whoami"],
      ["Get-Thing my-value; id", "Get-Thing my-value; id"],
      [`Get-Thing a ${"A".repeat(86)}==`, "Get-Thing a ***"],
    ];
    for (const [line, recorded] of cases) {
      assert.equal((await session.run(line)).exitCode, 2, line);
      const { kind, data } = session.entries.at(-1) ?? assert.fail();
      assert.deepEqual([kind, data.line], ["refused", recorded], line);
    }
    assert.ok(!/horse|Tr0|Rekt|knew|c2Vj|eyJ|passphrase/.test(JSON.stringify(session.entries)));
  });

  it("has one exit code for a code, whether the line shows the error or the command finds it", async () => {
    const codes: readonly (readonly [OperatorErrorCode, number])[] = [
      ["ParameterMissing", 2],
      ["ParameterInvalid", 2],
      ["AccessDenied", 2],
      ["NotFound", 1],
      ["StackFailed", 1],
      ["Cancelled", 130],
    ];
    for (const [code, exitCode] of codes) {
      const thrown = new OperatorError(code, "No.");
      const command = aCommand("Get-Thing", [], { run: () => Promise.reject(thrown) });
      assert.deepEqual(await new ConsoleSession([command]).run("Get-Thing"), { exitCode, endsSession: false }, code);
    }
    const missing = aCommand("Get-Thing", [{ name: "Name", type: "String", about: "Its name.", isMandatory: true }]);
    const session = new ConsoleSession([missing]);
    assert.equal((await session.run("Get-Thing")).exitCode, 2);
    assert.match(session.shownErrors, /^ParameterMissing/);
  });

  it("prints JSON, and errors as JSON, where the line has --json", async () => {
    const session = new ConsoleSession([get]);
    await session.run("Get-Thing --JSON pump");
    assert.deepEqual(JSON.parse(session.shown), { Name: "pump" });
    await session.run("Get-Thing -Nam --json");
    assert.equal(JSON.parse(session.shownErrors).error.code, "ParameterInvalid");
  });

  it("runs nothing that it cannot record, and ends the session", async () => {
    const session = new ConsoleSession([get]);
    session.failsAt = "command";
    assert.deepEqual(await session.run("Get-Thing"), { exitCode: 1, endsSession: true });
    assert.deepEqual(session.events, ["error shown"]);
    assert.match(session.shownErrors, /^TranscriptUnavailable: /);
  });

  it("ends the session at once where the store is away before the command: it would not record the refusal", async () => {
    const session = new ConsoleSession([get]);
    session.failsAt = "role";
    assert.deepEqual(await session.run("Get-Thing"), { exitCode: 1, endsSession: true });
    assert.deepEqual(session.events, ["error shown"]);
    assert.match(session.shownErrors, /^StoreUnavailable: .*\nTo fix: wait/);
  });

  it("shows no output and no progress that it cannot record", async () => {
    const progress = aCommand("Get-Slow", [], {
      run: async (_, context) => {
        await context.progress("halfway");
        return { value: "done" };
      },
    });
    for (const command of [get, progress]) {
      const session = new ConsoleSession([command]);
      session.failsAt = "output";
      assert.deepEqual(await session.run(command.name), { exitCode: 1, endsSession: true });
      assert.deepEqual(session.events, ["command", `run ${command.name}`, "error shown"]);
      assert.match(session.shownErrors, /^TranscriptUnavailable: /);
    }
  });

  it("records refused lines, and shows them only then", async () => {
    const cases: readonly (readonly [string, string])[] = [
      ["Get-Thing | sh", "ScriptsNotAllowed"],
      ["Get-Thin", "CommandNotFound"],
      ["Get-Thing -Nme x", "ParameterNotFound"],
      ["Get-Thing x y", "ParameterInvalid"],
    ];
    const session = new ConsoleSession([get]);
    for (const [line, code] of cases) {
      session.events.length = 0;
      assert.deepEqual(await session.run(line), { exitCode: 2, endsSession: false });
      assert.deepEqual(session.events, ["refused", "error shown"]);
      const { kind, data } = session.entries.at(-1) ?? assert.fail();
      assert.deepEqual([kind, data.line, data.error], ["refused", line, code]);
    }
    session.failsAt = "refused";
    assert.deepEqual(await session.run("sh"), { exitCode: 1, endsSession: true });
    session.events.length = 0;
    assert.deepEqual(await session.run("  "), { exitCode: 0, endsSession: false });
    assert.deepEqual(session.events, []);
  });

  it("keeps an operator from commands of administrators, and a locked session from those of an unlocked one", async () => {
    const session = new ConsoleSession([
      aCommand("Set-User", [], { role: "administrator" }),
      aCommand("Read-All", [], { isUnlockedOnly: true }),
    ]);
    for (const line of ["Set-User", "Read-All"]) {
      assert.deepEqual(await session.run(line), { exitCode: 2, endsSession: false });
    }
    assert.deepEqual(
      session.entries.map(({ data }) => data.error),
      ["AccessDenied", "AccessDenied"],
    );
    session.role = "administrator";
    session.unlockedUntil = session.clock.now();
    for (const line of ["Set-User", "Read-All"]) assert.equal((await session.run(line)).exitCode, 0);
  });

  it("ends the session of a user who was removed", async () => {
    const session = new ConsoleSession([get]);
    session.role = undefined;
    assert.deepEqual(await session.run("Get-Thing"), { exitCode: 1, endsSession: true });
    assert.equal(session.entries[0]?.data.error, "UserNotFound");
  });

  it("checks access again after a prompt", async () => {
    const session = new ConsoleSession(
      [
        aCommand("Set-User", [{ name: "Name", type: "String", about: "", isMandatory: true }], {
          role: "administrator",
        }),
      ],
      true,
    );
    session.role = "administrator";
    session.typed.push("eve");
    session.prompted = () => {
      session.role = "operator";
    };
    assert.equal((await session.run("Set-User")).exitCode, 2);
    assert.deepEqual(
      session.entries.map(({ data }) => data.error),
      ["AccessDenied"],
    );
  });

  const secret = aCommand("Set-Secret", [
    { name: "Name", type: "String", about: "", position: 0 },
    { name: "Password", type: "SecureString", about: "", isMandatory: true, isConfirmed: true },
    { name: "Credential", type: "Credential", about: "" },
  ]);

  it("prompts as PowerShell does, and records secrets as ***", async () => {
    const session = new ConsoleSession([secret], true);
    session.typed.push("hunter2", "hunter2", "eve", "letmein");
    assert.equal((await session.run("set-secret pump -Credential Get-Credential --json")).exitCode, 0);
    assert.match(
      session.shown,
      /^cmdlet Set-Secret at command pipeline position 1\nSupply values for the following parameters:\n/,
    );
    assert.deepEqual(session.events.slice(1, 5), [
      "Password: ",
      "Confirm Password: ",
      "User: ",
      "Password for user eve: ",
    ]);
    assert.deepEqual(session.entries[0]?.data.parameters, {
      Name: "pump",
      Password: "***",
      Credential: { userName: "eve", password: "***" },
    });
    assert.ok(session.shown.includes("hunter2"), "the command got it");
  });

  it("refuses a secret on the line, two different ones, and none, and records no word of the line", async () => {
    const session = new ConsoleSession([secret, get], true);
    session.typed.push("hunter2", "hunter3");
    for (const line of [
      "Set-Secret pump -Password hunter2",
      "Set-Secret pump",
      "Set-Secret pump",
      "Set-Secrt p hunter2",
    ]) {
      await session.run(line);
    }
    assert.deepEqual(
      session.entries.map(({ data }) => [data.line, data.error]),
      [
        ["Set-Secret ***", "ParameterInvalid"],
        ["Set-Secret ***", "ParameterInvalid"],
        ["Set-Secret ***", "Cancelled"],
        ["Set-Secrt ***", "CommandNotFound"],
      ],
    );
    assert.ok(!JSON.stringify([session.entries, session.shownErrors]).includes("hunter"));
    await session.run("Get-Thing -Password hunter2 | x");
    assert.equal(session.entries.at(-1)?.data.line, "Get-Thing -Password *** | x");
    // What follows a refused line of a command that prompts for secrets may be these.
    const dropped = (): number => session.events.filter((event) => event === "input dropped").length;
    const before = dropped();
    assert.ok(before >= 4, `${before} times`);
    await session.run("Set-Secret 'seven; wet $umbrellas");
    assert.deepEqual([session.entries.at(-1)?.data.line, dropped()], ["Set-Secret ***", before + 1]);
    await session.run("Get-Thing | x");
    assert.equal(dropped(), before + 1);
  });

  it("reads a secret from standard input without a terminal, and prompts for nothing else there", async () => {
    const session = new ConsoleSession([
      secret,
      aCommand("Get-One", [{ name: "Name", type: "String", about: "", isMandatory: true }]),
    ]);
    session.typed.push("hunter2");
    assert.equal((await session.run("Set-Secret")).exitCode, 0);
    assert.equal((await session.run("Get-One")).exitCode, 2);
    assert.equal(session.entries.at(-1)?.data.error, "ParameterMissing");
    assert.equal((await session.run("Set-Secret -Credential Get-Credential")).exitCode, 130);
  });

  it("returns a command's error with its code and remedy, and hides the text of a defect", async () => {
    const session = new ConsoleSession([
      aCommand("Get-Known", [], {
        run: async () => {
          throw new OperatorError("NotFound", "No pump.", "plug one in");
        },
      }),
      aCommand("Get-Defect", [], {
        run: async () => {
          throw new Error("secret=hunter2");
        },
      }),
    ]);
    assert.equal((await session.run("Get-Known")).exitCode, 1);
    assert.equal(session.shownErrors, "NotFound: No pump.\nTo fix: plug one in\n");
    assert.equal((await session.run("Get-Defect")).exitCode, 1);
    assert.deepEqual(session.entries.at(-1)?.data.error, "StackFailed");
    assert.ok(!`${JSON.stringify(session.entries)}${session.shownErrors}`.includes("hunter2"));
    assert.equal(session.defects.length, 1);
  });

  it("runs one command at a time, and passes on the signal", async () => {
    const stop = new AbortController();
    const session = new ConsoleSession([
      aCommand("Wait-Long", [], {
        run: (_, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
      }),
      get,
    ]);
    const [waiting, next] = [session.run("Wait-Long", stop.signal), session.run("Get-Thing")];
    setImmediate(() => setImmediate(() => stop.abort()));
    assert.deepEqual([(await waiting).exitCode, (await next).exitCode], [130, 0]);
    assert.deepEqual(
      session.entries.map(({ kind, data }) => [kind, data.number, data.error]),
      [
        ["command", 1, undefined],
        ["output", 1, "Cancelled"],
        ["command", 2, undefined],
        ["output", 2, undefined],
      ],
    );
    assert.deepEqual(session.defects, []);
  });

  it("shows what a command returns after the session is closed in place of its output", async () => {
    const session = new ConsoleSession([
      aCommand("Close-All", [], {
        run: async () => ({
          value: "before",
          endsSession: true,
          afterClose: async () => ({ value: "after", exitCode: 1 }),
        }),
      }),
    ]);
    const { endsSession, afterClose } = await session.run("Close-All");
    assert.deepEqual([endsSession, session.shown], [true, ""]);
    assert.equal(await afterClose?.(), 1);
    assert.equal(session.shown, "after\n");
  });

  it("records a long output in parts, each short enough for a store", async () => {
    const text = "x".repeat(1_200_000);
    const session = new ConsoleSession([aCommand("Get-Long", [], { run: async () => ({ value: null, text }) })]);
    await session.run("Get-Long");
    const parts = session.entries.slice(1).map(({ data }) => String(data.text ?? data.progress));
    assert.deepEqual([parts.length, parts.join("")], [3, `${text}\n`]);
    assert.equal(session.shown, `${text}\n`);
  });
});
