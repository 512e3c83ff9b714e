import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type Condition, meets, parseFilter } from "../../../../emulator/graph/odataFilter";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A condition as az writes it. */
function written({ kind, property, value }: Condition): string {
  if (kind === "eq") return `${property} eq ${quoted(value)}`;
  return kind === "startswith"
    ? `startswith(${property},${quoted(value)})`
    : `${property}/any(c:c eq ${quoted(value)})`;
}

const condition: fc.Arbitrary<Condition> = fc.record(
  {
    kind: fc.constantFrom("eq", "startswith", "any"),
    property: fc.constantFrom("appId", "displayName", "servicePrincipalNames"),
    // Quotes, and the words of the grammar, inside of a text too.
    value: fc.oneof(fc.string(), fc.stringMatching(/^('|eq| and |a|\()*$/)),
  },
  { noNullPrototype: true },
);

describe("the filter of Microsoft Graph", () => {
  it("reads filters as az writes them, with any text", () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (conditions) => {
        assert.deepEqual(parseFilter(conditions.map(written).join(" and ")), conditions);
      }),
    );
  });

  it("refuses filters with anything more or less", () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(")", "'", " or "),
        (all, more) => {
          const text = all.map(written).join(" and ");
          assert.equal(parseFilter(text + more), undefined);
          assert.equal(parseFilter(text.slice(0, -1)), undefined);
        },
      ),
    );
  });

  it("refuses all other filters, and never throws", () => {
    for (const text of [
      "",
      " ",
      "appId",
      "appId eq 1",
      "appId ne 'a'",
      "appId eq 'a' or appId eq 'b'",
      "not(appId eq 'a')",
      "(appId eq 'a')",
      "appId eq 'a' and",
      "names/any(a:b eq 'x')",
      "names/all(a:a eq 'x')",
      "endswith(displayName,'x')",
    ]) {
      assert.equal(parseFilter(text), undefined, text);
    }
    fc.assert(fc.property(fc.string(), (text) => void parseFilter(text)));
  });

  it("matches texts, prefixes and members of lists, in any letter case", () => {
    const entity = { appId: "AB-1", displayName: "Line 1", servicePrincipalNames: ["AB-1", "api://x"], count: 1 };
    const found = (text: string) => meets(entity, parseFilter(text) ?? assert.fail(text));
    for (const text of [
      "appId eq 'ab-1'",
      "startswith(displayName,'LINE')",
      "servicePrincipalNames/any(c:c eq 'API://X')",
      "appId eq 'ab-1' and startswith(displayName,'line')",
    ]) {
      assert.equal(found(text), true, text);
    }
    for (const text of [
      "appId eq 'ab'",
      "startswith(displayName,'1')",
      "servicePrincipalNames/any(c:c eq 'api')",
      "appId/any(c:c eq 'ab-1')",
      "servicePrincipalNames eq 'ab-1'",
      "startswith(servicePrincipalNames,'ab')",
      "count eq '1'",
      "absent eq ''",
      "appId eq 'ab-1' and appId eq 'other'",
    ]) {
      assert.equal(found(text), false, text);
    }
  });
});
