import { strict as assert } from "node:assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { stoppedLocalAzure } from "../../../../emulator/contract/stoppedLocalAzure";

describe("the check for a stopped local Azure", () => {
  const server = createServer((socket) => socket.end());
  let control = "";
  const message = (cloud: string | undefined, url: string | undefined) =>
    stoppedLocalAzure({ ZERO_TOUCH_CLOUD: cloud, ZERO_TOUCH_LOCAL_CONTROL: url });

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  it("returns nothing while it runs, or where the shell points at none", async () => {
    assert.equal(await message("local", control), undefined);
    assert.equal(await message("local", undefined), undefined);
    // The address is left over in a shell that has gone back to Azure.
    assert.equal(await message(undefined, "http://127.0.0.1:9"), undefined);
  });

  it("returns nothing after a time-out because this process was busy", async () => {
    const pending = message("local", control);
    // A program that loads its modules blocks for so long on a busy machine.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
    assert.equal(await pending, undefined);
  });

  it("returns its address and how to start it", async () => {
    server.close();
    await once(server, "close");
    for (const url of [control, "no address"]) {
      const text = (await message("local", url)) ?? "";
      assert.ok(text.startsWith(`The local Azure is not running at ${url}`), text);
      assert.match(text, /\n {2}To fix: run `npm run local -- start`/);
    }
  });
});
