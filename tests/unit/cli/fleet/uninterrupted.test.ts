import { strict as assert } from "node:assert";
import { uninterrupted } from "../../../../cli/fleet/uninterrupted";

describe("work before a fleet runs", () => {
  it("returns its result, and throws its error", async () => {
    const { signal } = new AbortController();
    assert.equal(await uninterrupted(signal, async () => 1), 1);
    await assert.rejects(
      uninterrupted(signal, async () => {
        throw new Error("no stack");
      }),
      /no stack/,
    );
  });

  it("has no result and no error once it is interrupted: its program got the same Ctrl+C", async () => {
    const stop = new AbortController();
    stop.abort();
    assert.equal(await uninterrupted(stop.signal, async () => 1), undefined);
    const failed = uninterrupted(stop.signal, async () => {
      throw new Error("PROGRAM_FAILED");
    });
    assert.equal(await failed, undefined);
  });
});
