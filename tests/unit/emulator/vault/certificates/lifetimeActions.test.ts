import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { DAY_SECONDS } from "../../../../../emulator/kernel/clock";
import { type Request, WireError } from "../../../../../emulator/kernel/operation";
import {
  type LifetimeAction,
  readLifetimeActions,
  renewalDue,
} from "../../../../../emulator/vault/certificates/lifetimeActions";
import { readBody } from "../../../../../emulator/vault/objects/objectRequest";
import { missedMoments } from "../../../../../emulator/vault/objects/policyFollower";

const action = (trigger: object, action_type = "AutoRenew") => ({ trigger, action: { action_type } }) as LifetimeAction;

describe("lifetime actions of a certificate's policy", () => {
  it("are Azure's own where none are named", () => {
    const [at80] = readLifetimeActions(undefined, "Self", 12);
    assert.deepEqual(at80, action({ lifetime_percentage: 80 }));
    assert.deepEqual(readLifetimeActions(null, "Unknown", 12), [action({ lifetime_percentage: 80 }, "EmailContacts")]);
    assert.deepEqual(readLifetimeActions([], "Self", 12), [], "none at all");
  });

  it("are read with either trigger, and nothing else is kept of it", () => {
    const given = [
      action({ lifetime_percentage: 99, days_before_expiry: null, more: 1 }),
      action({ days_before_expiry: 324 }, "EmailContacts"),
    ];
    assert.deepEqual(readLifetimeActions(given, "Self", 12), [
      action({ lifetime_percentage: 99 }),
      action({ days_before_expiry: 324 }, "EmailContacts"),
    ]);
  });

  for (const [what, given, said] of [
    ["no list", {}, /lifetime_actions must be a list/],
    [
      "an action that is none",
      [action({ lifetime_percentage: 1 }, "Renew")],
      /action_type must be one of EmailContacts, AutoRenew, not "Renew"/,
    ],
    ["no object", ["AutoRenew"], /lifetime_actions\[0\] must be an object/],
    ["no trigger", [action({})], /either lifetime_percentage or days_before_expiry/],
    ["two triggers", [action({ lifetime_percentage: 80, days_before_expiry: 30 })], /either lifetime_percentage or/],
    ["0 percent", [action({ lifetime_percentage: 0 })], /lifetime_percentage must be from 1 to 99, not 0/],
    ["100 percent", [action({ lifetime_percentage: 100 })], /from 1 to 99, not 100/],
    ["half a percent", [action({ lifetime_percentage: 0.5 })], /must be a whole number, not 0.5/],
    ["a percentage in words", [action({ lifetime_percentage: "80" })], /must be a whole number, not "80"/],
    ["no day before", [action({ days_before_expiry: 0 })], /days_before_expiry must be at least 1, not 0/],
    ["28 days a month", [action({ days_before_expiry: 325 })], /whole number from 1 to 324/],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => {
          const body = { lifetime_actions: given };
          const { lifetime_actions } = readBody({ body } as unknown as Request, "keyVault.certificatePolicy");
          readLifetimeActions(lifetime_actions, "Self", 12);
        },
        (error: unknown) => {
          assert.ok(error instanceof WireError);
          const { code, message } = (error.body as { error: { code: string; message: string } }).error;
          assert.deepEqual([error.status, code], [400, "BadParameter"]);
          assert.match(message, said);
          return true;
        },
      );
    });
  }

  it("are due by a share of the lifetime or days before its end, whichever is first", () => {
    assert.equal(renewalDue([action({ lifetime_percentage: 80 })], 1000, 2000), 1800);
    assert.equal(renewalDue([action({ days_before_expiry: 2 })], 0, 10 * DAY_SECONDS), 8 * DAY_SECONDS);
    const both = [action({ lifetime_percentage: 50 }), action({ days_before_expiry: 1 })];
    assert.equal(renewalDue(both, 0, 10 * DAY_SECONDS), 5 * DAY_SECONDS);
    assert.equal(renewalDue([action({ lifetime_percentage: 1 }, "EmailContacts")], 0, DAY_SECONDS), undefined);
    assert.equal(renewalDue([], 0, DAY_SECONDS), undefined);
  });
});

describe("moments at which no request came", () => {
  it("are each after the one before, up to now, and the last twelve at most", () => {
    const every = (step: number) => (made: number) => made + step;
    assert.deepEqual(missedMoments(10, every(5), 22), [10, 15, 20]);
    assert.deepEqual(missedMoments(10, every(5), 10), [10]);
    assert.deepEqual(missedMoments(10, every(5), 9), []);
    assert.deepEqual(missedMoments(undefined, every(5), 9), []);
    assert.deepEqual(
      missedMoments(10, () => undefined, 99),
      [10],
    );
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 50 }), fc.nat(5000), (first, step, now) => {
        const moments = missedMoments(first, every(step), now);
        const all = now < first ? 0 : Math.floor((now - first) / step) + 1;
        assert.equal(moments.length, Math.min(12, all));
        assert.ok(moments.every((at, index) => at <= now && (index === 0 || at === (moments[index - 1] ?? 0) + step)));
        if (all > 0) assert.ok((moments.at(-1) ?? 0) + step > now);
      }),
    );
  });

  it("come to an end where a policy asks for the past", () => {
    assert.deepEqual(
      missedMoments(10, (made) => made - 1, 99),
      [10],
    );
    assert.deepEqual(
      missedMoments(10, (made) => made, 99),
      [10],
    );
  });
});
