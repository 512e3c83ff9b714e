import { strict as assert } from "node:assert";
import { retryAfter } from "../../../azure-native-stand-in/arm/armClient";
import { armError } from "../../../azure-native-stand-in/arm/armError";
import { FinalError } from "../../../azure-native-stand-in/arm/armTransport";
import { ScriptedArm, type ScriptedResponse } from "../../cast/scriptedArm";

const signal = new AbortController().signal;
const url =
  "https://management.azure.com/subscriptions/s1/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h?api-version=1";
const get = (arm: ScriptedArm, expected?: number[]) => arm.client.send({ method: "GET", url }, signal, expected);
const error = (status: number, code: string): ScriptedResponse => ({ status, body: { error: { code, message: "m" } } });

describe("ARM client", () => {
  it("returns a response, and an expected failure as a response", async () => {
    assert.equal((await get(new ScriptedArm([{ status: 200 }]))).status, 200);
    assert.equal((await get(new ScriptedArm([{ status: 404 }]), [404])).status, 404);
  });

  for (const [status, code] of [
    [400, "Bad"],
    [401, "AuthenticationFailed"],
    [403, "AuthorizationFailed"],
    [404, "ResourceNotFound"],
    [409, "Conflict"],
    [412, "PreconditionFailed"],
    [501, "NotEmulated"],
  ] as const) {
    it(`fails at once at ${status} ${code}, with the genuine plugin's message`, async () => {
      const arm = new ScriptedArm([error(status, code)]);
      await assert.rejects(get(arm), {
        name: "ArmError",
        status,
        code,
        message: `Status=${status} Code="${code}" Message="m"`,
      });
      assert.equal(arm.requests.length, 1);
    });
  }

  for (const passing of [
    { status: 408 },
    { status: 429 },
    { status: 500 },
    { status: 503 },
    error(409, "AnotherOperationInProgress"),
    new Error("socket hang up"),
  ]) {
    const what = passing instanceof Error ? passing.message : passing.status;
    it(`retries three times after ${what}, then fails`, async () => {
      const arm = new ScriptedArm([passing, passing, passing, { status: 200 }]);
      assert.equal((await get(arm)).status, 200);
      assert.deepEqual(arm.pauses, [20_000, 60_000, 120_000]);
      const never = new ScriptedArm([passing, passing, passing, passing]);
      await assert.rejects(get(never));
      assert.equal(never.requests.length, 4);
    });
  }

  it("waits as Retry-After says, in seconds or as a date", async () => {
    const arm = new ScriptedArm([{ status: 429, headers: { "retry-after": "2" } }, { status: 200 }]);
    await get(arm);
    assert.deepEqual(arm.pauses, [2000]);
    const response = (value: string) => ({ status: 429, body: null, header: () => value });
    assert.equal(retryAfter(response("Thu, 01 Jan 1970 00:00:05 GMT"), 2000), 3000);
    assert.equal(retryAfter(response("soon"), 0), undefined);
    assert.equal(retryAfter(undefined, 0), undefined);
  });

  it("does not retry permanent errors, or when cancelled", async () => {
    const arm = new ScriptedArm([new FinalError("the local Azure does not respond")]);
    await assert.rejects(get(arm), { message: "the local Azure does not respond" });
    const cancelled = new ScriptedArm([new Error("aborted")]);
    await assert.rejects(cancelled.client.send({ method: "GET", url }, AbortSignal.abort()), { message: "aborted" });
    assert.deepEqual([...arm.pauses, ...cancelled.pauses], []);
  });

  it("registers the resource provider where it is missing, and sends again", async () => {
    const arm = new ScriptedArm([
      error(409, "MissingSubscriptionRegistration"),
      { status: 200 },
      { status: 200, body: { registrationState: "Registering" } },
      { status: 200, body: { registrationState: "Registered" } },
      { status: 201 },
    ]);
    const response = await arm.client.send({ method: "PUT", url, body: { a: 1 } }, signal);
    assert.equal(response.status, 201);
    assert.deepEqual(arm.sequence, [
      "PUT /resourceGroups/g/providers/Microsoft.Devices/IotHubs/h",
      "POST /providers/Microsoft.Devices/register",
      "GET /providers/Microsoft.Devices",
      "GET /providers/Microsoft.Devices",
      "PUT /resourceGroups/g/providers/Microsoft.Devices/IotHubs/h",
    ]);
    assert.deepEqual(arm.requests[4]?.body, { a: 1 });
    assert.deepEqual(arm.pauses, [10_000]);
  });

  it("shows the body of other errors, those of Microsoft.Devices included", () => {
    const body = { code: 404015, httpStatusCode: "NotFound", message: "Certificate 'x' not found." };
    assert.equal(armError(404, body).message, `Status=404 Message="${JSON.stringify(body)}"`);
    assert.equal(armError(400, "no JSON").message, 'Status=400 Message="no JSON"');
    assert.equal(armError(502, "<html>").message, 'Status=502 Message="<html>"');
    assert.equal(armError(500, null).message, 'Status=500 Message=""');
  });
});
