import { strict as assert } from "node:assert";
import { OperatorError } from "../../../../operator/operatorError";
import type { RunOutcome } from "../../../../operator/stack/operatorStack";
import { changeStack } from "../../../../operator/stack/stackChange";
import { aContext } from "../../../cast/operator/commandRun";
import { FakeStack } from "../../../cast/operator/fakeStack";
import { refused } from "../../../cast/operator/refusals";
import { TestStores } from "../../../cast/operator/testStores";

const CHANGE = {
  operation: "update",
  type: "pulumi-nodejs:dynamic/iot:EnrollmentGroup",
  name: "zero-touch-enrollment",
};

const outcome = (result: RunOutcome["result"], isBegun: boolean, ...errors: string[]): RunOutcome => ({
  result,
  changes: isBegun ? [CHANGE] : [],
  errors,
});

describe("a change of the stack", () => {
  let stack: FakeStack;
  const stores = new TestStores();
  const edit = async () => ({ revoked: ["device-01"] });

  after(() => stores.close());

  beforeEach(async () => {
    stack = await FakeStack.create();
  });

  it("sets the configuration, updates, and shows each change", async () => {
    const context = aContext(stores.open());
    stack.outcomes.push(outcome("succeeded", true));
    const before = stack.values;
    assert.deepEqual(await changeStack(stack, context, "Disable-Device", edit), {
      changes: { update: 1 },
      configuration: { ...before, revoked: ["device-01"] },
    });
    assert.deepEqual(stack.values.revoked, ["device-01"]);
    assert.deepEqual(context.lines, ["update EnrollmentGroup zero-touch-enrollment"]);
  });

  it("takes the configuration back when the update fails before its first change", async () => {
    stack.outcomes.push(outcome("failed", false, "revoked[0]: must be an ID"));
    const error = await refused(
      changeStack(stack, aContext(stores.open()), "Disable-Device", edit),
      "StackFailed",
      /must be an ID/,
    );
    assert.match(error.message, /Nothing is changed/);
    assert.equal(stack.values.revoked, undefined);
  });

  it("keeps the configuration when the update fails after a change, and a second run completes it", async () => {
    stack.outcomes.push(outcome("failed", true, "409"), outcome("succeeded", true));
    await refused(
      changeStack(stack, aContext(stores.open()), "Disable-Device", edit),
      "StackFailed",
      /run Disable-Device again/,
    );
    assert.deepEqual(stack.values.revoked, ["device-01"]);
    await changeStack(stack, aContext(stores.open()), "Disable-Device", async () => ({}));
    assert.equal(stack.updates, 2);
  });

  it("refuses while another update of the stack runs", async () => {
    stack.outcomes.push(outcome("busy", false));
    await refused(changeStack(stack, aContext(stores.open()), "Disable-Device", edit), "StackBusy");
    assert.equal(stack.values.revoked, undefined);
  });

  it("takes the configuration back when the update cannot begin", async () => {
    stack.onUpdate = () => Promise.reject(new OperatorError("StackBusy", "Process 7 is changing the stack."));
    await refused(changeStack(stack, aContext(stores.open()), "Disable-Device", edit), "StackBusy", /Process 7/);
    assert.equal(stack.values.revoked, undefined);
  });

  it("is cancelled by Ctrl+C", async () => {
    const context = aContext(stores.open());
    stack.onUpdate = async () => context.cancel();
    await refused(changeStack(stack, context, "Disable-Device", edit), "Cancelled", /Nothing is changed/);
    assert.equal(stack.values.revoked, undefined);
  });

  it("lets one operator change the stack at a time, and names the other one", async () => {
    const store = stores.open();
    let go = (): void => undefined;
    const held = new Promise<void>((done) => {
      go = done;
    });
    const begun = new Promise<void>((done) => {
      stack.onUpdate = async () => {
        done();
        await held;
      };
    });
    const first = changeStack(stack, aContext(store), "Start-CertificateRotation", async () => ({}));
    await begun;
    const second = changeStack(stack, aContext(store, "bob"), "Disable-Device", edit);
    await refused(second, "StackBusy", /alice.*Start-CertificateRotation/);
    go();
    await first;
    await changeStack(stack, aContext(store, "bob"), "Disable-Device", edit);
    assert.equal(stack.updates, 2);
  });

  it("goes on after an instance that died with the lock", async () => {
    const store = stores.open();
    await store.createLog("locks/stack", 60);
    const running = { user: "bob", command: "Start-CertificateRotation" };
    for (const name of ["locks/stack.holder", "locks/stack.update"]) await store.write(name, running, undefined);
    await refused(changeStack(stack, aContext(store), "Disable-Device", edit), "StackBusy", /bob/);
    stores.clock.advance(61);
    const [first, second] = [aContext(store), aContext(store)];
    await changeStack(stack, first, "Disable-Device", edit);
    assert.match(first.lines[0] ?? "", /^Start-CertificateRotation by bob was interrupted/);
    await changeStack(stack, second, "Disable-Device", edit);
    assert.doesNotMatch(second.lines[0] ?? "", /interrupted/);
  });
});
