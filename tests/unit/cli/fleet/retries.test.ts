import { strict as assert } from "node:assert";
import { AzureError, UnreachableError } from "../../../../azure/clients/azureError";
import { SetupError } from "../../../../bootstrap/setupError.cjs";
import { failureOf, isTransient, retryDelay } from "../../../../cli/fleet/retries";

const refused = (status: number, code?: string) => new AzureError("dpsDevice", "register device d", { status, code });

const unreachable = (code: string) =>
  new UnreachableError("register device d", "dps.example", Object.assign(new Error("the cause"), { code }));

describe("the retries of a fleet", () => {
  it("wait twice as long each time, at most 30 seconds, with a random part", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 50].map((attempts) => retryDelay(attempts, 1)),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
    );
    assert.deepEqual(
      [1, 6].map((attempts) => retryDelay(attempts, 0)),
      [500, 15_000],
    );
  });

  it("are made for what passes, and for nothing else", () => {
    for (const error of [refused(429), refused(500), refused(504, "RegistrationTimeout"), unreachable("ECONNRESET")]) {
      assert.equal(isTransient(error), true);
    }
    const permanent = [
      refused(401, "401002"),
      refused(200, "disabled"),
      unreachable("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    ];
    for (const error of [...permanent, new Error("a defect")]) assert.equal(isTransient(error), false);
  });

  it("record a code, a reason and a remedy", () => {
    const { code, reason, remedy } = failureOf(refused(401, "401002"));
    assert.equal(code, "401002");
    assert.doesNotMatch(reason, /To fix|\n/);
    assert.match(remedy, /root is verified/);
    const gone = failureOf(unreachable("ECONNREFUSED"));
    assert.equal(gone.code, "unreachable");
    assert.match(gone.remedy, /check the network/);
    assert.equal(failureOf(new SetupError("WRONG_MANIFEST", "a", "b", "c")).remedy, "c");
    assert.deepEqual(failureOf("odd"), { code: "unexpected", reason: "odd", remedy: "" });
  });
});
