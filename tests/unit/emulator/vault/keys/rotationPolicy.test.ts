import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { type Request, WireError } from "../../../../../emulator/kernel/operation";
import {
  after,
  DEFAULT_POLICY,
  before as earlier,
  expiryOf,
  parseDuration,
  readRotationPolicy,
  rotationDue,
} from "../../../../../emulator/vault/keys/keyRotationPolicy";
import { readBody } from "../../../../../emulator/vault/objects/objectRequest";

const rotate = (trigger: object) => ({ trigger, action: { type: "Rotate" } });
const notify = (trigger: object) => ({ trigger, action: { type: "Notify" } });

function refusal(body: unknown): string {
  try {
    readRotationPolicy(readBody({ body } as Request, "keyVault.rotationPolicy"));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    assert.equal(error.status, 400);
    const { code, message } = (error.body as { error: { code: string; message: string } }).error;
    assert.equal(code, "BadParameter");
    return message;
  }
  throw new Error("no refusal");
}

describe("rotation policies", () => {
  const created = new Date("2026-01-31T12:00:00Z");

  it("reads the policies of Azure's own examples", () => {
    const policy = readRotationPolicy({
      lifetimeActions: [
        { trigger: { timeAfterCreate: "P18M", timeBeforeExpiry: null }, action: { type: "rotate" } },
        notify({ timeBeforeExpiry: "P30D" }),
      ],
      attributes: { expiryTime: "P2Y" },
    });
    assert.deepEqual(policy, {
      lifetimeActions: [rotate({ timeAfterCreate: "P18M" }), notify({ timeBeforeExpiry: "P30D" })],
      expiryTime: "P2Y",
    });
    assert.equal(rotationDue(policy, created, expiryOf(policy, created))?.toISOString(), "2027-07-31T12:00:00.000Z");
    assert.equal(expiryOf(policy, created)?.toISOString(), "2028-01-31T12:00:00.000Z");
  });

  it("counts back from the expiry", () => {
    const policy = readRotationPolicy({
      lifetimeActions: [rotate({ timeBeforeExpiry: "P10D" })],
      attributes: { expiryTime: "P90D" },
    });
    const expires = expiryOf(policy, created);
    assert.equal(expires?.toISOString(), "2026-05-01T12:00:00.000Z");
    assert.equal(rotationDue(policy, created, expires)?.toISOString(), "2026-04-21T12:00:00.000Z");
    assert.equal(rotationDue(policy, created, undefined), undefined);
  });

  it("rotates nothing by the policy of a key that was given none, or an empty one", () => {
    assert.equal(rotationDue(DEFAULT_POLICY, created, undefined), undefined);
    assert.equal(expiryOf(DEFAULT_POLICY, created), undefined);
    const empty = readRotationPolicy({ lifetimeActions: [], attributes: {} });
    assert.equal(rotationDue(empty, created, undefined), undefined);
  });

  const refusals: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", [], /must be a JSON object/],
    ["actions that are no list", { lifetimeActions: {} }, /^Property lifetimeActions must be a list/],
    [
      "an unknown action",
      { lifetimeActions: [{ trigger: {}, action: { type: "Renew" } }] },
      /action.type must be one of Rotate, Notify/,
    ],
    ["no trigger", { lifetimeActions: [rotate({})] }, /either timeAfterCreate or timeBeforeExpiry/],
    [
      "both triggers",
      { lifetimeActions: [rotate({ timeAfterCreate: "P30D", timeBeforeExpiry: "P30D" })] },
      /either timeAfterCreate or timeBeforeExpiry/,
    ],
    ["a time of day", { lifetimeActions: [rotate({ timeAfterCreate: "PT5M" })] }, /ISO 8601 duration/],
    ["a rotation within a week", { lifetimeActions: [rotate({ timeAfterCreate: "P6D" })] }, /at least P7D/],
    ["an expiry within four weeks", { attributes: { expiryTime: "P27D" } }, /^Property expiryTime .* at least P28D/],
    ["a notice after creation", { lifetimeActions: [notify({ timeAfterCreate: "P30D" })] }, /Notify.*timeBeforeExpiry/],
    [
      "a rotation before an expiry that there is not",
      { lifetimeActions: [rotate({ timeBeforeExpiry: "P30D" })] },
      /needs attributes\.expiryTime/,
    ],
    [
      "a rotation too near to the expiry",
      { lifetimeActions: [rotate({ timeAfterCreate: "P25D" })], attributes: { expiryTime: "P30D" } },
      /at least P7D before the expiryTime/,
    ],
    [
      "a rotation too near to the creation",
      { lifetimeActions: [rotate({ timeBeforeExpiry: "P25D" })], attributes: { expiryTime: "P30D" } },
      /at least P7D after the creation/,
    ],
    [
      "two rotations",
      { lifetimeActions: [rotate({ timeAfterCreate: "P30D" }), rotate({ timeAfterCreate: "P60D" })] },
      /at most one action of each type/,
    ],
  ];
  it("lets a policy rotate, and warn, a week from creation and expiry, and warn of an expiry that a version has itself", () => {
    const attributes = { expiryTime: "P30D" };
    for (const trigger of [{ timeAfterCreate: "P23D" }, { timeBeforeExpiry: "P23D" }, { timeAfterCreate: "P7D" }])
      assert.deepEqual(readRotationPolicy({ lifetimeActions: [rotate(trigger)], attributes }).lifetimeActions, [
        rotate(trigger),
        notify({ timeBeforeExpiry: "P30D" }),
      ]);
    for (const trigger of [{ timeAfterCreate: "P24D" }, { timeBeforeExpiry: "P24D" }])
      assert.match(refusal({ lifetimeActions: [rotate(trigger)], attributes }), /at least P7D/);
    const alone = [notify({ timeBeforeExpiry: "P30D" })];
    assert.deepEqual(readRotationPolicy({ lifetimeActions: alone }).lifetimeActions, alone);
    const ever = [rotate({ timeAfterCreate: "P9Y" })];
    assert.deepEqual(readRotationPolicy({ lifetimeActions: ever }).lifetimeActions, [...ever, ...alone]);
  });

  for (const [what, body, message] of refusals) {
    it(`refuses ${what}`, () => assert.match(refusal(body), message));
  }

  it("converts in whole days in both directions", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.date({ noInvalidDate: true }), (days, from) => {
        const duration = parseDuration(`P${days}D`);
        assert.ok(duration);
        const [start, there] = [from.getTime(), after(from, duration).getTime()];
        if (Number.isNaN(there)) return;
        assert.equal(there - start, days * 86_400_000);
        assert.equal(earlier(new Date(there), duration).getTime(), start);
      }),
    );
  });

  it("reads only durations of whole years, months and days", () => {
    assert.deepEqual(parseDuration("P1Y2M3D"), { years: 1, months: 2, days: 3 });
    for (const text of ["P", "P1W", "P1DT1H", "1D", "P-1D", "P1.5Y", "p1d", 30, undefined]) {
      assert.equal(parseDuration(text), undefined);
    }
  });
});
