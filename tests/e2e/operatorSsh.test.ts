import { strict as assert } from "node:assert";
import { runSsh } from "../cast/operator/sshClient";
import { PASSWORD, TestEndpoint } from "../cast/operator/testEndpoint";

describe("the operator endpoint, by OpenSSH's client", () => {
  const endpoint = new TestEndpoint();

  before(async () => {
    await endpoint.start();
    await endpoint.addUser("ada", "administrator", true);
    await endpoint.addUser("otto");
  });
  after(() => endpoint.close());

  it("accepts a key and a password, and refuses others", async () => {
    const target = endpoint.target("ada");
    const byKey = await runSsh(target, ["--", "Get-Command Exit"]);
    assert.deepEqual(byKey, {
      code: 0,
      stdout: "Exit  Ends the session. Its transcript stays in the store.\n",
      stderr: "",
    });
    const password = { ...target, identity: undefined };
    assert.equal((await runSsh({ ...password, password: PASSWORD }, ["--", "Get-Command Exit"])).code, 0);
    for (const wrong of [
      { ...password, password: `${PASSWORD}!` },
      { ...password, user: "nobody", password: PASSWORD },
      { ...target, identity: endpoint.target("otto").identity },
      { ...target, user: "nobody" },
    ]) {
      const { code, stderr } = await runSsh(wrong, ["--", "Exit"]);
      assert.deepEqual([code, /Permission denied \(publickey,password\)/.test(stderr)], [255, true], stderr);
    }
  });

  it("refuses a script with exit code 2, and records it", async () => {
    const { code, stdout, stderr } = await endpoint.run("otto", "Get-Command | sh");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^ScriptsNotAllowed: The line has a pipe \(\|\)\.\nTo fix: /);
    const entries = (await endpoint.transcripts()).at(-1) ?? [];
    assert.deepEqual(
      entries.slice(0, 2).map(({ kind, data }) => [kind, data.user ?? data.line, data.error]),
      [
        ["opened", "otto", undefined],
        ["refused", "Get-Command | sh", "ScriptsNotAllowed"],
      ],
    );
  });
});
