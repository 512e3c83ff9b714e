import { strict as assert } from "node:assert";
import type { BulkRefusal } from "../../../azure/clients/enrollmentListClient";
import { eachOf, inBulk, refusalMessage } from "../../../providers/handlers/enrollment/bulkChanges";

const refusal = (registrationId: string, code = "409201"): BulkRefusal => ({
  ...{ registrationId, code, said: `said of ${registrationId}` },
  explanation: { meaning: "It means this.", remedy: "Do that." },
});
const named = (index: number): string => `d${index}`;
const enrollments = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ registrationId: named(index), attestation: { type: "symmetricKey" } as const },
  }));

describe("work over many enrollments", () => {
  it("is done in order, so many at once, and begins nothing after a failure, which is thrown", async () => {
    const begun: number[] = [];
    let [now, most] = [0, 0];
    const work = async (item: number) => {
      begun.push(item);
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setImmediate(done));
      now -= 1;
      if (item === 3) throw new Error("the third failed");
    };
    await eachOf([1, 2], work);
    await assert.rejects(eachOf([1, 2, 3, 4, 5, 6, 7], work, 1), /the third failed/);
    assert.deepEqual(begun, [1, 2, 1, 2, 3]);
    await assert.rejects(eachOf([3, 3, 1, 1, 1, 1], work, 2), /the third failed/);
    assert.equal(begun.length, 7);
    await eachOf([1, 1, 1, 1, 1, 1, 1, 1], work);
    assert.equal(most, 4);
  });

  it("goes ten a call; those that are not refused are done, letter case aside", async () => {
    const sizes: number[] = [];
    const client = {
      run: async (_mode: string, call: readonly { readonly registrationId: string }[]) => {
        sizes.push(call.length);
        return call.some(({ registrationId }) => registrationId === "d3") ? [refusal("D3")] : [];
      },
      page: () => assert.fail("nothing is read"),
    };
    const done: string[] = [];
    const refused = await inBulk(client, "create", enrollments(21), (id) => done.push(id));
    assert.deepEqual([sizes.sort(), refused.map(({ registrationId }) => registrationId)], [[1, 10, 10], ["D3"]]);
    assert.deepEqual(
      done.sort(),
      Array.from({ length: 21 }, (_, index) => named(index))
        .filter((id) => id !== "d3")
        .sort(),
    );
  });

  it("is reported by code: meaning, remedy, and twenty of the refused", () => {
    const many = Array.from({ length: 22 }, (_, index) => refusal(named(index)));
    const message = refusalMessage([refusal("x", "404201"), ...many], 30);
    const lines = message.split("\n");
    assert.match(lines[0] ?? "", /refused 23 of 30 changes.*next `pulumi up` goes on/);
    assert.deepEqual(lines.slice(1, 5), [
      "  404201 for one enrollment:",
      "    x: said of x",
      "    What it means: It means this.",
      "    To fix: Do that.",
    ]);
    assert.equal(lines[5], "  409201 for 22 enrollments:");
    assert.deepEqual(lines.slice(25, 28), [
      "    d19: said of d19",
      "    and 2 more",
      "    What it means: It means this.",
    ]);
    assert.doesNotMatch(refusalMessage(many.slice(0, 20), 20), / more$/m);
  });
});
