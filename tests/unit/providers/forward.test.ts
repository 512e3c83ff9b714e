import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { forwarderText, type HandlerName } from "../../../providers/forward";
import { handler } from "../../../providers/handlers/deviceRegistrationHandler";
import { withoutStacks } from "../../../providers/handlers/resource/handler";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const ROOT = resolve(__dirname, "../../..");
const NAMES: readonly HandlerName[] = [
  "certificateAuthority",
  "deviceCertificate",
  "deviceRegistration",
  "enrollmentGroup",
  "individualEnrollment",
  "verifiedCertificate",
];

/** Runs the text as the host of dynamic resources does. */
function run(text: string): Record<string, (...given: unknown[]) => Promise<unknown>> {
  const exports: { handler?: () => Record<string, (...given: unknown[]) => Promise<unknown>> } = {};
  new Function("exports", "require", text)(exports, createRequire(join(ROOT, "package.json")));
  const made = exports.handler?.();
  assert.ok(made);
  return made;
}

describe("the forwarder", () => {
  it("is under 4 kB and constant: the state of every resource has it", () => {
    const all = NAMES.map(forwarderText).join("");
    for (const name of NAMES) assert.ok(Buffer.byteLength(forwarderText(name)) < 4096);
    const hash = createHash("sha256").update(all).digest("hex");
    assert.equal(hash, "0b65f8b5888b0763c8ee5253685de04457a8002a4e9a16d7e6019c418458e770");
  });

  it("has all six methods, and each name has a handler", () => {
    for (const name of NAMES) {
      assert.deepEqual(Object.keys(run(forwarderText(name))), ["check", "diff", "create", "read", "update", "delete"]);
      assert.ok(existsSync(join(ROOT, "providers", "handlers", `${name}Handler.ts`)));
    }
  });

  it("reaches the handler of today in the folder that it runs in", async () => {
    const result = await run(forwarderText("deviceRegistration")).check?.({}, {});
    assert.equal((result as { failures: unknown[] }).failures.length, 6);
  });

  it("takes stacks off errors and leaves the rest", async () => {
    const guarded = withoutStacks(handler(fakeGateway(fakeAzure())));
    const error = await guarded.create({}).then(
      () => assert.fail("it should fail"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof TypeError);
    assert.equal(error.stack, "");
    assert.match(error.message, /idScope is missing/);
  });
});
