import assert from "node:assert/strict";
import { DAY_MS } from "../../../certs/clock";
import { encodeElement } from "../../../certs/der";
import { CertsError } from "../../../certs/errors";
import { readExtensions } from "../../../certs/extensions";
import { PROFILES } from "../../../certs/profiles";
import { planValidity } from "../../../certs/validity";
import { type Hierarchy, NOW, newHierarchy } from "../../cast/certs";

const at = (milliseconds: number): Date => new Date(milliseconds);

describe("certs/validity", () => {
  let made: Hierarchy;
  before(async () => {
    made = await newHierarchy();
  });

  const refusal = (code: string, message: RegExp, data: object) => (error: unknown) => {
    assert.ok(error instanceof CertsError);
    assert.deepEqual([error.code, error.data], [code, data]);
    assert.match(error.message, message);
    return true;
  };

  it("accepts an end up to the last second of the year 9999, and no later one", () => {
    const last = Date.UTC(9999, 11, 31, 23, 59, 59);
    const plan = (lifetimeDays: number) => planValidity(PROFILES.root, NOW, { lifetimeDays });
    assert.equal(plan((last - NOW.getTime()) / DAY_MS).notAfter.getTime(), last);
    for (const lifetimeDays of [(last + 1000 - NOW.getTime()) / DAY_MS, 0, -1, Number.NaN])
      assert.throws(() => plan(lifetimeDays), refusal("badLifetime", /before the year 10000, not /, { lifetimeDays }));
  });

  it("plans whole seconds, and back-dates within the issuer's validity", () => {
    const { device, root } = PROFILES;
    const alone = planValidity(root, at(NOW.getTime() + 999), { lifetimeDays: 1 });
    assert.deepEqual([alone.notBefore, alone.notAfter], [at(NOW.getTime() - 3_600_000), at(NOW.getTime() + DAY_MS)]);
    const issuer = made.intermediate.certificate;
    assert.deepEqual(planValidity(device, NOW, { issuer, lifetimeDays: 1 }).notBefore, issuer.notBefore);
    assert.deepEqual(planValidity(device, NOW, { issuer, lifetimeDays: 9999 }).notAfter, issuer.notAfter);
  });

  it("accepts the very second at which its issuer ends, also where it refuses an overrun", () => {
    const issuer = made.intermediate.certificate;
    const left = (issuer.notAfter.getTime() - NOW.getTime()) / DAY_MS;
    const plan = (lifetimeDays: number) =>
      planValidity(PROFILES.device, NOW, { issuer, lifetimeDays, overrun: "refuse" });
    assert.deepEqual(plan(left).notAfter, issuer.notAfter);
    const data = { subject: "CN=Test Intermediate", lifetimeDays: left + 1, remaining: left };
    assert.throws(() => plan(left + 1), refusal("validityNotNested", /outlives the issuer .* days left$/, data));
  });

  it("plans while the issuer is valid, in its first and last second too", () => {
    const issuer = made.intermediate.certificate;
    const plan = (now: Date) => planValidity(PROFILES.device, now, { issuer });
    const { subject, notBefore, notAfter } = issuer;
    assert.deepEqual(plan(notBefore).notBefore, notBefore);
    assert.deepEqual(plan(notAfter).notAfter, notAfter);
    const ended = { subject, notAfter: notAfter.toISOString() };
    assert.throws(() => plan(at(notAfter.getTime() + 1)), refusal("issuerExpired", /issue with a new one$/, ended));
    const early = { subject, notBefore: notBefore.toISOString() };
    const before = at(notBefore.getTime() - 1);
    assert.throws(() => plan(before), refusal("issuerNotYetValid", /check this machine's clock$/, early));
  });
});

describe("certs/extensions", () => {
  const OID = Buffer.from("06032a0304", "hex");
  const extension = (...critical: readonly Buffer[]): Buffer =>
    encodeElement(0x30, Buffer.concat([OID, ...critical, encodeElement(0x04, Buffer.alloc(0))]));
  const read = (...extensions: readonly Buffer[]) => readExtensions(encodeElement(0x30, Buffer.concat(extensions)));

  it("lists unknown critical extensions, and no others", () => {
    assert.deepEqual(read(extension(Buffer.from("0101ff", "hex"))).unknownCritical, ["1.2.3.4"]);
    assert.deepEqual(read(extension(Buffer.from("010100", "hex"))).unknownCritical, []);
    assert.deepEqual(read(extension()).unknownCritical, []);
  });

  it("refuses an extension that appears twice", () => {
    assert.throws(() => read(extension(), extension()), {
      code: "malformed",
      message: "Extension 1.2.3.4 appears twice",
      data: { oid: "1.2.3.4" },
    });
  });
});
