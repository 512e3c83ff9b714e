import { strict as assert } from "node:assert";
import { PendingResponses } from "../../../azure/devices/pendingResponses";

describe("azure/devices/pendingResponses", () => {
  const never = new Promise<Error>(() => undefined);
  const sent = async (): Promise<void> => undefined;

  it("gives each request the response of its ID, in any order", async () => {
    const responses = new PendingResponses<string>(never, "late");
    const both = [responses.request("1", sent), responses.request("2", sent)];
    assert.ok(responses.settle("2", "two") && responses.settle("1", "one"));
    assert.deepEqual(await Promise.all(both), ["one", "two"]);
    // A second response of an ID, and one that was not asked for, end nothing.
    assert.ok(!responses.settle("1", "again") && !responses.settle("3", "other"));
  });

  it("rejects with the error of sending, and with why the connection ends", async () => {
    let end: (error: Error) => void = () => undefined;
    const responses = new PendingResponses<string>(new Promise((resolve) => (end = resolve)), "late");
    await assert.rejects(
      responses.request("1", () => Promise.reject(new Error("not sent"))),
      /not sent/,
    );
    const waiting = responses.request("2", sent);
    end(new Error("gone"));
    await assert.rejects(waiting, /gone/);
    await assert.rejects(responses.request("3", sent), /gone/);
  });
});
