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
});
