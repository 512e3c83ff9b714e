import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { wholeSchema } from "../../emulator/schemas/bodySchema";
import { absentProperties, bodyMutations, changed, optionalPaths } from "./bodyMutations";

/** What a route returns: the status, and the service's error code. */
export interface Outcome {
  readonly status: number;
  readonly code: unknown;
}

/** A route, the schema of its body, and a valid body that has all properties of the schema. */
export interface BodyRoute {
  readonly schema: string;
  readonly example: () => unknown;
  readonly send: (body: unknown) => Promise<Outcome>;
  /** The code of every refusal, by the field. */
  readonly code: (field: string) => unknown;
  /** Properties that the example does not have: others exclude them. */
  readonly absent?: readonly string[];
  /** Optional properties that the route needs: rules that a schema cannot say. */
  readonly needs?: readonly string[];
  /** Only these values are made wrong: the route looks at others before the body. Default: all. */
  readonly only?: string;
  /** Where even a valid body is refused, by another rule than the schema: its status. */
  readonly validStatus?: number;
  /** Valid bodies to try. Default: 10. */
  readonly runs?: number;
}

/** Describes how routes treat bodies: every valid one is taken, every broken rule is refused and changes nothing. */
export function describeBodies(routes: readonly BodyRoute[], contents: () => string): void {
  for (const { schema, example, send, code, absent = [], needs = [], only = "", validStatus, runs = 10 } of routes) {
    describe(schema, () => {
      const whole = wholeSchema(schema);

      it("has all properties in its example", () => {
        assert.deepEqual(absentProperties(whole, example()), absent);
      });

      it("refuses each broken rule with the service's code, and changes nothing", async () => {
        const before = contents();
        const wrong: string[] = [];
        for (const { what, body } of bodyMutations(whole, example()).filter((each) => each.what.startsWith(only))) {
          const outcome = await send(body);
          const expected = [400, code(what.split(":")[0] ?? "")];
          if (outcome.status !== expected[0] || outcome.code !== expected[1]) {
            wrong.push(`${what}: ${outcome.status} ${String(outcome.code)}`);
          }
        }
        assert.deepEqual(wrong, []);
        assert.equal(contents(), before);
      }).timeout(120_000);

      it("takes every body that follows the rules, with and without what is optional, and null for it", async () => {
        const optional = optionalPaths(whole, example()).filter(
          (path) => !needs.some((need) => need === path.join(".") || need.startsWith(`${path.join(".")}.`)),
        );
        const check = async (removed: typeof optional, by: null | undefined) => {
          const body = removed.reduce<unknown>((rest, path) => changed(rest, path, by), example());
          const { status, code: error } = await send(body);
          if (validStatus === undefined) assert.ok(status < 300, `${status} ${String(error)} ${JSON.stringify(body)}`);
          else assert.equal(status, validStatus);
        };
        await check([], undefined);
        await fc.assert(fc.asyncProperty(fc.subarray(optional), fc.constantFrom(null, undefined), check), {
          numRuns: runs,
        });
      }).timeout(120_000);
    });
  }
}
