import { strict as assert } from "node:assert";
import { userCommands } from "../../../../operator/commands/userCommands";
import { newKeyPair } from "../../../../operator/server/hostKeys";
import { checkPassword, isPassword } from "../../../../operator/users/operatorPassword";
import { SignInFailures } from "../../../../operator/users/signInFailures";
import { UserDirectory } from "../../../../operator/users/userDirectory";
import { aContext, runCommand } from "../../../cast/operator/commandRun";
import { TestStores } from "../../../cast/operator/testStores";
import { HandClock } from "../../../cast/testDependencies";

const PASSWORD = "Seven wet umbrellas, 1 dry";

describe("operator/commands/userCommands", () => {
  const stores = new TestStores();
  after(() => stores.close());

  function endpoint(user = "ada", role: "administrator" | "operator" = "administrator") {
    const store = stores.open();
    const clock = new HandClock();
    const directory = new UserDirectory(store);
    const failures = new SignInFailures(store, clock);
    const commands = userCommands({ directory, failures, clock });
    const context = aContext(store, user);
    const session = { ...context.session, role };
    const run = async (name: string, parameters: Parameters<typeof runCommand>[2] = {}) =>
      (await runCommand(commands, name, parameters, { ...context, session })).value;
    return { run, directory };
  }
  const key = newKeyPair("ed25519", "ada@laptop").public;

  it("creates, lists, changes and removes users, and shows no hash", async () => {
    const { run, directory } = endpoint();
    await run("New-OperatorUser", { Name: "Ada", Role: "administrator", PublicKey: key });
    const bob = await run("New-OperatorUser", { Name: "bob", Password: PASSWORD });
    assert.deepEqual(
      { ...(bob as object), created: undefined, passwordChanged: undefined },
      {
        name: "bob",
        role: "operator",
        hasPassword: true,
        publicKeys: [],
        created: undefined,
        passwordChanged: undefined,
        lockedUntil: undefined,
      },
    );
    const listed = JSON.stringify(await run("Get-OperatorUser"));
    assert.match(listed, /"name":"ada".*SHA256:.*"name":"bob"/);
    assert.ok(!/hash"|salt/.test(listed));
    assert.deepEqual((await directory.user("ada"))?.publicKeys, [key.trim()]);
    await run("Set-OperatorUser", { Name: "bob", Role: "administrator", AddPublicKey: key });
    const [{ publicKeys }] = (await run("Get-OperatorUser", { Name: "BOB" })) as [{ publicKeys: string[] }];
    await run("Set-OperatorUser", { Name: "bob", RemovePublicKey: publicKeys[0] });
    assert.deepEqual((await directory.user("bob"))?.publicKeys, []);
    await run("Remove-OperatorUser", { Name: "bob" });
    assert.equal(await directory.user("bob"), undefined);
  });

  it("keeps the last administrator who can sign in", async () => {
    const { run } = endpoint();
    await run("New-OperatorUser", { Name: "ada", Role: "administrator", PublicKey: key });
    await run("New-OperatorUser", { Name: "bob", PublicKey: key });
    const [{ publicKeys }] = (await run("Get-OperatorUser", { Name: "ada" })) as [{ publicKeys: string[] }];
    for (const [name, parameters] of [
      ["Remove-OperatorUser", { Name: "ada" }],
      ["Set-OperatorUser", { Name: "ada", Role: "operator" }],
      ["Set-OperatorUser", { Name: "ada", RemovePublicKey: publicKeys[0] }],
    ] as const) {
      await assert.rejects(run(name, parameters), { code: "LastAdministrator" });
    }
    await run("Set-OperatorUser", { Name: "bob", Role: "administrator" });
    // Two instances remove one administrator each, at once: one of them fails.
    const both = await Promise.allSettled(["ada", "bob"].map((Name) => run("Remove-OperatorUser", { Name })));
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("sets a password: each user its own, administrators everybody's", async () => {
    const { run, directory } = endpoint("bob", "operator");
    await run("New-OperatorUser", { Name: "ada", Role: "administrator", PublicKey: key });
    await run("New-OperatorUser", { Name: "bob", PublicKey: key });
    await run("Set-OperatorUserPassword", { Password: PASSWORD });
    assert.equal(await isPassword(PASSWORD, (await directory.user("bob"))?.password ?? assert.fail()), true);
    assert.equal(await isPassword(`${PASSWORD}x`, (await directory.user("bob"))?.password ?? assert.fail()), false);
    await assert.rejects(run("Set-OperatorUserPassword", { Name: "ada", Password: PASSWORD }), {
      code: "AccessDenied",
    });
  });

  it("refuses weak passwords, names, keys and users that are wrong", async () => {
    for (const weak of [
      "short",
      "aaaaaaaaaaaaaaaaaaaaaaa",
      "alllowercaseab",
      "Bob has 17 umbrellas",
      `${"x1Y,".repeat(70)}`,
    ]) {
      assert.throws(() => checkPassword(weak, "bob"), { code: "WeakPassword" }, weak);
    }
    for (const strong of [PASSWORD, "nur kleine buchstaben und lang", "Ab3defghijklmn"]) checkPassword(strong, "bob");
    const { run } = endpoint();
    await run("New-OperatorUser", { Name: "bob", PublicKey: key });
    const cases: readonly (readonly [string, Parameters<typeof run>[1], string])[] = [
      ["New-OperatorUser", { Name: "bob", PublicKey: key }, "UserExists"],
      ["New-OperatorUser", { Name: "mallory" }, "ParameterMissing"],
      ["New-OperatorUser", { Name: "../mallory", PublicKey: key }, "ParameterInvalid"],
      ["New-OperatorUser", { Name: "mallory", PublicKey: "ssh-ed25519 AAAA" }, "ParameterInvalid"],
      ["New-OperatorUser", { Name: "mallory", PublicKey: newKeyPair("ed25519", "").private }, "ParameterInvalid"],
      ["New-OperatorUser", { Name: "mallory", Password: "weak" }, "WeakPassword"],
      ["Get-OperatorUser", { Name: "constructor" }, "UserNotFound"],
      ["Remove-OperatorUser", { Name: "mallory" }, "UserNotFound"],
      ["Set-OperatorUser", { Name: "bob", RemovePublicKey: "SHA256:x" }, "NotFound"],
      ["Set-OperatorUserPassword", { Name: "mallory", Password: PASSWORD }, "UserNotFound"],
    ];
    for (const [name, parameters, code] of cases) await assert.rejects(run(name, parameters), { code }, name);
  });
});
