import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { AzureError, readFailure, UnreachableError } from "../../../azure/clients/azureError";
import { type ExplainedService, explain, explainedCodes } from "../../../azure/explain";
import { DEVICES_CODES } from "../../../emulator/arm/armErrors";
import { DPS_ERRORS } from "../../../emulator/dps/dpsErrors";
import { ENTRA_ERRORS } from "../../../emulator/entra/entraErrors";
import { HUB_ERRORS } from "../../../emulator/hub/hubErrors";

const SERVICES: readonly ExplainedService[] = ["arm", "dps", "dpsDevice", "hub", "vault", "entra"];

describe("explanations of Azure's error codes", () => {
  it("know the codes that registration and telemetry end with", () => {
    const dps = explainedCodes("dpsDevice");
    for (const code of ["400004", "400207", "400208", "400209", "401002", "404201", "404202", "409201", "429001"]) {
      assert.ok(dps.includes(code), code);
    }
    for (const code of ["401001", "401002", "404001", "429001"]) assert.ok(explainedCodes("hub").includes(code), code);
    assert.ok(explainedCodes("arm").includes("IH404015"));
  });

  it("know every code that the local Azure returns", () => {
    const unexplained = (service: ExplainedService, numbers: Readonly<Record<string, number>>) =>
      Object.values(numbers).filter((number) => !explainedCodes(service).includes(String(number)));
    assert.deepEqual(unexplained("dps", DPS_ERRORS), []);
    assert.deepEqual(unexplained("dpsDevice", DPS_ERRORS), []);
    assert.deepEqual(unexplained("hub", HUB_ERRORS), []);
    assert.deepEqual(unexplained("arm", DEVICES_CODES), []);
    const numbers = Object.values(ENTRA_ERRORS).flatMap(([, , number]) => (number === 0 ? [] : [`AADSTS${number}`]));
    assert.deepEqual(
      numbers.filter((code) => !explainedCodes("entra").includes(code)),
      [],
    );
  });

  it("give a meaning and a remedy as sentences, for every code", () => {
    for (const service of SERVICES) {
      for (const code of explainedCodes(service)) {
        const { meaning, remedy } = explain(service, code, 400);
        for (const text of [meaning, remedy]) assert.match(text, /^[A-Z].*\.$/s, `${service} ${code}: ${text}`);
      }
    }
  });

  it("explain anything, falling back to the status", () => {
    assert.match(explain("dps", "412999", 412).remedy, /pulumi refresh/);
    assert.match(explain("dps", undefined, 503).meaning, /its own side/);
    fc.assert(
      fc.property(
        fc.constantFrom(...SERVICES),
        fc.string(),
        fc.integer({ min: 100, max: 599 }),
        (service, code, status) => {
          const { meaning, remedy } = explain(service, code, status);
          return meaning !== "" && remedy !== "";
        },
      ),
    );
    assert.match(explain("arm", "constructor", 418).meaning, /not in its contract/);
  });
});

describe("reading Azure's errors", () => {
  it("reads each of the shapes", () => {
    const dps = readFailure(401, '{"errorCode":401002,"trackingId":"t-1","message":"Unauthorized","timestampUtc":""}');
    assert.deepEqual(dps, { status: 401, code: "401002", said: "Unauthorized", trackingId: "t-1" });
    const arm = readFailure(403, '{"error":{"code":"AuthorizationFailed","message":"no"}}');
    assert.deepEqual(arm, { status: 403, code: "AuthorizationFailed", said: "no" });
    const devices = readFailure(404, '{"code":404015,"httpStatusCode":"NotFound","message":"gone"}');
    assert.deepEqual(devices, { status: 404, code: "404015", said: "gone" });
    const hub = readFailure(
      404,
      '{"Message":"ErrorCode:DeviceNotFound;dev-1","ExceptionMessage":"Tracking ID:ab-G:0-TimeStamp:x"}',
    );
    assert.deepEqual(hub, { status: 404, code: "404001", said: "ErrorCode:DeviceNotFound;dev-1", trackingId: "ab-G" });
    assert.equal(readFailure(429, "", "ThrottlingException").code, "429001");
    const inner = '{"error":{"code":"Forbidden","message":"no","innererror":{"code":"ForbiddenByRbac"}}}';
    const vault = readFailure(403, inner);
    assert.deepEqual(vault, { status: 403, code: "Forbidden", innerCode: "ForbiddenByRbac", said: "no" });
    const reported = new AzureError("vault", "sign", vault).message;
    assert.match(
      reported,
      /^Could not sign: Key Vault returned Forbidden \(ForbiddenByRbac\): no\..*minutes to arrive/s,
    );
  });

  it("knows each of the hub's codes by its name, and keeps a name that it does not know", () => {
    const names = {
      ArgumentInvalid: "400004",
      IotHubNotFound: "401001",
      IotHubUnauthorizedAccess: "401002",
      IotHubUnauthorized: "401003",
      IotHubSuspended: "403001",
      IotHubQuotaExceeded: "403002",
      DeviceMaximumQueueDepthExceeded: "403004",
      DeviceNotFound: "404001",
      DeviceNotOnline: "404103",
      DeviceAlreadyExists: "409001",
      PreconditionFailed: "412001",
      MessageTooLarge: "413001",
      ThrottlingException: "429001",
      ServerError: "500001",
      ServiceUnavailable: "503001",
      SomethingNew: "SomethingNew",
    };
    for (const [name, code] of Object.entries(names)) {
      const status = Number(code.slice(0, 3)) || 400;
      assert.equal(readFailure(status, `{"Message":"ErrorCode:${name};x"}`).code, code);
      assert.equal(readFailure(status, "", name).code, code);
    }
    assert.deepEqual(readFailure(500, '{"Message":"no code"}'), { status: 500, said: "no code" });
    assert.equal(readFailure(404, '{"code":404015,"Message":"ErrorCode:DeviceNotFound;x"}').code, "404015");
  });

  it("repeats 500 characters of what was said, and no member of another kind", () => {
    const text = (length: number) => JSON.stringify({ error: { code: "C", message: "m".repeat(length) } });
    assert.equal(readFailure(400, text(500)).said?.length, 500);
    assert.equal(readFailure(400, text(501)).said?.length, 500);
    assert.deepEqual(readFailure(400, '{"error":{"code":"","message":{},"innererror":"x"},"trackingId":[]}'), {
      status: 400,
    });
    assert.deepEqual(readFailure(400, '{"error":null,"code":"C"}'), { status: 400, code: "C" });
    assert.deepEqual(readFailure(400, '["x"]'), { status: 400 });
  });

  it("carries status and codes for its callers", () => {
    const failure = { status: 403, code: "Forbidden", innerCode: "ForbiddenByRbac", trackingId: "t" };
    const { name, status, code, innerCode, trackingId, explanation } = new AzureError("vault", "sign", failure);
    assert.deepEqual({ name, status, code, innerCode, trackingId }, { name: "AzureError", ...failure });
    assert.deepEqual(explanation, explain("vault", "ForbiddenByRbac", 403));
    const bare = new AzureError("arm", "read x", { status: 404 });
    assert.deepEqual([bare.code, bare.innerCode, bare.trackingId], [undefined, undefined, undefined]);
    assert.match(bare.message, /^Could not read x: Azure Resource Manager returned HTTP 404\.\n {2}What it means: /);
  });

  it("accepts any response text, and quotes nothing that is not JSON", () => {
    assert.deepEqual(readFailure(502, "<html>secret</html>"), { status: 502 });
    fc.assert(fc.property(fc.string(), (text) => readFailure(500, text).status === 500));
    fc.assert(fc.property(fc.jsonValue(), (value) => readFailure(500, JSON.stringify(value)).status === 500));
  });

  it("makes one message of it: what was asked, what was said, what it means, what to do", () => {
    const failure = { status: 401, code: "401002", said: "Unauthorized", trackingId: "t-1" };
    const { message } = new AzureError("dpsDevice", 'register device "dev-1"', failure);
    assert.match(
      message,
      /^Could not register device "dev-1": the Device Provisioning Service returned 401002: Unauthorized/,
    );
    assert.match(message, /tracking ID t-1/);
    assert.match(message, /What it means: .*chain/);
    assert.match(message, /To fix: /);
    assert.match(new AzureError("hub", "do", { status: 502 }).message, /HTTP 502/);
  });

  it("reports a missing response, with the first line of the cause only", () => {
    const { message } = new UnreachableError("do", "host", new Error("ECONNREFUSED\nat secret.ts"));
    assert.match(message, /Could not do: no response from host: ECONNREFUSED\n/);
    assert.doesNotMatch(message, /secret/);
    const cause = new Error("x".repeat(400));
    const long = new UnreachableError("do", "host", cause);
    assert.ok(long.message.includes(`: ${"x".repeat(300)}\n`));
    assert.equal(long.cause, cause);
    assert.match(new UnreachableError("do", "host", "a text").message, /no response from host: a text\n/);
  });

  it("reports a refused sign-in by Entra's code, not as an unreachable host", () => {
    const said = "7000215: AADSTS7000215: Invalid client secret provided. Trace ID: t Correlation ID: c\nat x.ts";
    const { message } = new UnreachableError("do", "host", new Error(said));
    assert.match(message.split("\n")[0] ?? "", /^Could not do: .* AADSTS7000215: Invalid client secret provided\.$/);
    assert.match(message, /What it means: The client secret is wrong\.\n {2}To fix: Set AZURE_CLIENT_SECRET/);
  });
});
