import { strict as assert } from "node:assert";
import { awaitOperation, type Operation } from "../../../azure-native-stand-in/arm/longRunningOperation";
import { ScriptedArm, type ScriptedResponse } from "../../cast/scriptedArm";

const ORIGIN = "https://management.azure.com";
const signal = new AbortController().signal;
const put: Operation = { method: "PUT", resourceUrl: `${ORIGIN}/resource?api-version=1`, deleteIsPolled: false };
const remove: Operation = { ...put, method: "DELETE", deleteIsPolled: true };
const asynchronous = { "azure-asyncoperation": `${ORIGIN}/status` };
const both = { ...asynchronous, location: `${ORIGIN}/location` };

async function followed(started: Exclude<ScriptedResponse, Error>, lines: ScriptedResponse[], operation: Operation) {
  const arm = new ScriptedArm([started, ...lines]);
  const response = await arm.client.send({ method: "PUT", url: operation.resourceUrl }, signal);
  await awaitOperation(arm.client, response, operation, signal);
  assert.deepEqual(arm.lines, [], "every response was used");
  return { polls: arm.sequence.slice(1), pauses: arm.pauses };
}
const state = (provisioningState: string): ScriptedResponse => ({
  status: 200,
  body: { properties: { provisioningState } },
});
const status = (word: string, headers = {}): ScriptedResponse => ({ status: 200, headers, body: { status: word } });

describe("long-running operations", () => {
  it("prefer Azure-AsyncOperation, poll at once and then every 10 or 30 seconds", async () => {
    const lines = [status("Running"), status("Accepted"), status("Succeeded")];
    assert.deepEqual(await followed({ status: 201, headers: both }, [...lines], put), {
      polls: ["GET /status", "GET /status", "GET /status"],
      pauses: [10_000, 10_000],
    });
    assert.deepEqual((await followed({ status: 202, headers: both }, [...lines], remove)).pauses, [30_000, 30_000]);
  });

  it("honour Retry-After on every response, the first among them", async () => {
    const started = { status: 201, headers: { ...asynchronous, "retry-after": "1" } };
    const lines = [status("Running", { "retry-after": "2" }), status("Succeeded")];
    assert.deepEqual((await followed(started, lines, put)).pauses, [1000, 2000]);
  });

  it("follow Location until it is no longer 202, relative addresses too", async () => {
    const lines: ScriptedResponse[] = [{ status: 202 }, { status: 200 }];
    const { polls } = await followed({ status: 202, headers: { location: "/location" } }, [...lines], put);
    assert.deepEqual(polls, ["GET /location", "GET /location"]);
    await followed({ status: 202, headers: { location: `${ORIGIN}/location` } }, [{ status: 204 }], remove);
    await followed({ status: 202, headers: { location: `${ORIGIN}/location` } }, [{ status: 404 }], remove);
  });

  it("poll the resource itself when no URL is given", async () => {
    const started = { status: 201, body: { properties: { provisioningState: "Accepted" } } };
    const { polls } = await followed(started, [state("Transitioning"), state("Succeeded")], put);
    assert.deepEqual(polls, ["GET /resource", "GET /resource"]);
    assert.deepEqual((await followed({ status: 200, body: {} }, [], put)).polls, []);
    assert.deepEqual(
      (await followed({ status: 200, body: { properties: { provisioningState: "Succeeded" } } }, [], put)).polls,
      [],
    );
  });

  it("fail with Azure's error", async () => {
    const body = { status: "Failed", error: { code: "NameTaken", message: "taken" } };
    const failed = followed({ status: 201, headers: asynchronous }, [{ status: 200, body }], put);
    await assert.rejects(failed, { message: 'Status=200 Code="NameTaken" Message="taken"' });
    const cancelled = followed({ status: 201, headers: asynchronous }, [status("Canceled")], put);
    await assert.rejects(cancelled, {
      message: 'Status=200 Code="Canceled" Message="The operation ended as Canceled."',
    });
    const resource = followed(
      { status: 201, body: { properties: { provisioningState: "Creating" } } },
      [state("Failed")],
      put,
    );
    await assert.rejects(resource, { code: "Failed" });
    await assert.rejects(followed({ status: 201, headers: asynchronous }, [{ status: 404 }], put), { status: 404 });
  });

  it("refuse a 202 without a polling URL, except where a DELETE needs none", async () => {
    await assert.rejects(followed({ status: 202 }, [], put), /response is missing polling URL/);
    await assert.rejects(followed({ status: 202 }, [], remove), /response is missing polling URL/);
    for (const code of [200, 202, 204]) {
      assert.deepEqual((await followed({ status: code }, [], { ...remove, deleteIsPolled: false })).polls, []);
    }
    assert.deepEqual((await followed({ status: 200 }, [], remove)).polls, []);
    assert.deepEqual((await followed({ status: 204 }, [], remove)).polls, []);
  });
});
