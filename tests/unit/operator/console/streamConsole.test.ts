import { strict as assert } from "node:assert";
import { PassThrough } from "node:stream";
import type { ServerChannel } from "ssh2";
import { LONGEST_LINE } from "../../../../operator/console/lineGrammar";
import { StreamConsole } from "../../../../operator/console/streamConsole";

describe("operator/console/streamConsole", () => {
  const client = (reads = true) => {
    const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
    return { channel, console: new StreamConsole(channel as unknown as ServerChannel, reads) };
  };

  it("reads no line out of the rest of one that is too long", async () => {
    const { channel, console } = client();
    channel.write("A".repeat(LONGEST_LINE + 1));
    assert.ok(((await console.readLine()) ?? "").length > LONGEST_LINE);
    channel.write(`${"A".repeat(10)} `);
    channel.write("Remove-OperatorUser ada");
    channel.end("\nGet-Command\n");
    assert.equal(await console.readLine(), "Get-Command");
    assert.equal(await console.readLine(), undefined);
  });

  it("reads no line of what follows once its input is dropped", async () => {
    const { channel, console } = client();
    channel.write("Set-OperatorUserPassword ada -Foo\nsecret\n");
    assert.equal(await console.readLine(), "Set-OperatorUserPassword ada -Foo");
    console.dropInput();
    channel.write("secret again\n");
    assert.equal(await console.readLine(), undefined);
  });

  it("shows what a terminal would obey as escapes", () => {
    const { channel, console } = client(false);
    console.show("a\u001b[31m\n");
    console.showError("\u009b2J\n");
    assert.equal(String(channel.read()), "a\\u{1b}[31m\n");
    assert.equal(String(channel.stderr.read()), "\\u{9b}2J\n");
  });
});
