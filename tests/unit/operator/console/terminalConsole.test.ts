import { strict as assert } from "node:assert";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { TerminalConsole } from "../../../../operator/console/terminalConsole";

describe("operator/console/terminalConsole", () => {
  it("shows a command's output after the end of the input, and nothing after that of the channel", async () => {
    const [client, channel] = duplexPair();
    const terminal = new TerminalConsole(channel, { columns: 80, rows: 24 }, () => undefined);
    const line = terminal.readLine("ZT> ", async () => [[], ""]);
    const ended = once(channel, "end");
    client.end();
    await ended;
    assert.equal(await line, undefined);
    let shown = "";
    client.on("data", (bytes: Buffer) => {
      shown += bytes.toString();
    });
    terminal.show("output\n");
    channel.end();
    terminal.show("late\n");
    await once(client, "end");
    assert.match(shown, /output\r\n$/);
    terminal.close();
  });

  it("cancels a line at Ctrl+C while its completion is under way, and drops the completion", async () => {
    const [client, channel] = duplexPair();
    client.resume();
    const interrupts: string[] = [];
    const terminal = new TerminalConsole(channel, { columns: 80, rows: 24 }, () => interrupts.push("command"));
    let complete: (hits: [string[], string]) => void = () => undefined;
    let began: () => void = () => undefined;
    const completing = new Promise<void>((resolve) => {
      began = resolve;
    });
    const line = terminal.readLine("ZT> ", () => {
      began();
      return new Promise((resolve) => {
        complete = resolve;
      });
    });
    client.write("Disable-Device gr\t");
    await completing;
    client.write(" more\u0003Get-Command\r");
    assert.equal(await line, "Get-Command");
    complete([["group-device-01"], "gr"]);
    const next = terminal.readLine("ZT> ", async () => [[], ""]);
    client.write("Exit\r");
    assert.equal(await next, "Exit");
    assert.deepEqual(interrupts, []);
    terminal.close();
  });

  it("draws no more than a client reads, whatever keys and window sizes it sends, and reads on once it has", async () => {
    const [client, channel] = duplexPair();
    const terminal = new TerminalConsole(channel, { columns: 80, rows: 24 }, () => undefined);
    const line = terminal.readLine("ZT> ", async () => [[], ""]);
    const value = "a".repeat(20_000);
    // At the beginning of the line: each key draws all of it.
    const keys = "x\u0002".repeat(500);
    client.write(`${value}\u0001${keys}`);
    for (let columns = 20; columns < 1000; columns += 1) terminal.resize({ columns, rows: 24 });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(channel.writableLength < 1_000_000, String(channel.writableLength));
    client.resume();
    client.write("\r");
    assert.equal(await line, "x".repeat(500) + value);
    terminal.close();
  });
});
