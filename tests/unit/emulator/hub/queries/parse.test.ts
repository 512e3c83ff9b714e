import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parseCondition, parseQuery } from "../../../../../emulator/hub/queries/parseQuery";
import { QuerySyntaxError } from "../../../../../emulator/hub/queries/querySyntaxError";
import { expressions, printed, printedQuery, queries } from "../../../../cast/queryArbitrary";

const refuses = (text: string, words: RegExp, parse: (text: string) => unknown = parseQuery): void => {
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof QuerySyntaxError, String(error));
      assert.match(error.message, words, text);
      return true;
    },
  );
};

describe("the query language of IoT Hub: parsing", () => {
  it("reads what is printed, as it was", () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        assert.deepEqual(parseCondition(printed(expression)), expression);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(queries, (query) => {
        assert.deepEqual(parseQuery(printedQuery(query)), {
          ...query,
          select: query.select?.map((each) => ({ ...each })),
        });
      }),
      { numRuns: 500 },
    );
  });

  it("binds OR weaker than AND, NOT, comparisons, sums and products", () => {
    for (const [text, bracketed] of [
      ["tags.a = 1 OR tags.b = 2 AND NOT tags.c = 3", "(tags.a = 1) OR ((tags.b = 2) AND (NOT (tags.c = 3)))"],
      ["1 - 2 - 3 * 4 % 5 < tags.a", "((1 - 2) - ((3 * 4) % 5)) < tags.a"],
      ["NOT tags.a IN [1] AND tags.b NIN [2]", "(NOT (tags.a IN [1])) AND (tags.b NIN [2])"],
      ["tags.a <> 1", "tags.a != 1"],
      ["- 1 - -tags.a", "(-1) - (-tags.a)"],
    ] as const) {
      assert.deepEqual(parseCondition(text), parseCondition(bracketed), text);
    }
  });

  it("takes keywords and the service's names in any letter case, and a user's as they are", () => {
    const query = parseQuery(
      "select DEVICEID, Tags.Site as site From DEVICES.Modules where PROPERTIES.Reported.Temp >= 0x1F;",
    );
    assert.deepEqual(query.select, [
      { alias: "deviceId", path: ["deviceId"], aggregate: undefined },
      { alias: "site", path: ["tags", "Site"], aggregate: undefined },
    ]);
    assert.deepEqual(query.where, parseCondition("properties.reported.Temp >= 31"));
    assert.equal(query.from, "devices.modules");
  });

  it("takes the collection's name before a path", () => {
    for (const text of ["devices.deviceId = 'a'", "devices.modules.deviceId = 'a'", "devices.jobs.deviceId = 'a'"]) {
      assert.deepEqual(parseCondition(text), parseCondition("deviceId = 'a'"));
    }
    assert.deepEqual(parseCondition("configurations.[[a-b]].status = 'Applied'"), {
      kind: "binary",
      operator: "=",
      left: { kind: "path", path: ["configurations", "a-b", "status"] },
      right: { kind: "constant", value: "Applied" },
    });
    assert.deepEqual(
      parseCondition("devices.jobs.createdTimeUtc > '2016'"),
      parseCondition("createdDateTimeUtc > '2016'"),
    );
  });

  it("reads escapes and both quotation marks", () => {
    const value = (text: string) => (parseCondition(text) as { value: unknown }).value;
    assert.equal(value(String.raw`"it's \"\u00fc\" \\ \n"`), 'it\'s "ü" \\ \n');
    assert.equal(value(String.raw`'\'"'`), "'\"");
    assert.deepEqual([value("1.5e3"), value(".5"), value("0xff"), value("7.")], [1500, 0.5, 255, 7]);
  });

  it("says where a query is wrong", () => {
    for (const [text, words] of [
      ["", /SELECT is expected, not the end, at position 1$/],
      ["SELECT", /a name is expected/],
      ["SELECT * FROM", /a collection is expected/],
      ["SELECT * FROM things", /FROM takes devices, devices.modules, devices.jobs, not things, at position 15/],
      ["SELECT * FROM devices d", /the end of the query is expected, not "d"/],
      ["SELECT * FROM devices WHERE", /a name is expected, not the end/],
      ["SELECT * FROM devices WHERE tags.", /a name is expected/],
      ["SELECT * FROM devices WHERE (tags.a = 1", /\) is expected/],
      ["SELECT * FROM devices WHERE tags.a == 1", /a name is expected, not "="/],
      ["SELECT * FROM devices WHERE tags.a = 'x", /a string does not end at position 38/],
      ["SELECT * FROM devices WHERE tags.a = '\\q'", /an escape is invalid/],
      ["SELECT * FROM devices WHERE tags.a = 1e999", /beyond 1.8e308/],
      ["SELECT * FROM devices WHERE foo(1)", /there is no function foo/],
      ["SELECT * FROM devices WHERE __proto__(1)", /there is no function/],
      ["SELECT * FROM devices WHERE is_defined()", /IS_DEFINED takes 1 values/],
      ["SELECT * FROM devices WHERE SUBSTRING(1)", /SUBSTRING takes 2 to 3 values/],
      ["SELECT * FROM devices WHERE tags.a = #", /"#" is unexpected/],
      ["SELECT * FROM devices ORDER BY deviceId", /ORDER is not in the query language/],
      ["SELECT DISTINCT deviceId FROM devices", /DISTINCT is not in the query language/],
      ["SELECT TOP 0 * FROM devices", /a whole number above 0/],
      ["SELECT TOP 1.5 * FROM devices", /a whole number above 0/],
      ["SELECT deviceId FROM devices.jobs", /devices.jobs takes SELECT \* alone/],
      ["SELECT COUNT() AS n FROM devices.jobs", /devices.jobs takes SELECT \* alone/],
      ["SELECT tags.a, COUNT() AS n FROM devices.modules GROUP BY tags.a", /GROUP BY takes FROM devices alone/],
      ["SELECT deviceId, COUNT() AS n FROM devices", /deviceId is neither an aggregate nor in GROUP BY/],
      ["SELECT * FROM devices GROUP BY tags.a", /\* is neither an aggregate nor in GROUP BY/],
      ["SELECT COUNT(tags.a) FROM devices", /\) is expected/],
      ["SELECT deviceId AS 'x' FROM devices", /an alias is expected/],
    ] as const) {
      refuses(text, words);
    }
    refuses("tags.a = 1 tags.b", /the end of the condition/, parseCondition);
  });

  it("nests up to a limit, and takes long chains", () => {
    parseCondition(`${"(".repeat(30)}1${")".repeat(30)}`);
    for (const [open, close] of [
      ["(", ")"],
      ["NOT ", ""],
      ["-", ""],
      ["[", "]"],
      ["ABS(", ")"],
    ] as const) {
      refuses(`${open.repeat(2000)}1${close.repeat(2000)}`, /deeper than 64 levels/, parseCondition);
    }
    parseCondition(Array(20_000).fill("tags.a = 1").join(" OR "));
  });

  it("never fails otherwise than with a syntax error", () => {
    const words = fc.constantFrom(
      "SELECT",
      "*",
      "FROM",
      "devices",
      "WHERE",
      "(",
      ")",
      "[",
      "]",
      "[[",
      "'",
      '"',
      "\\",
      "NOT",
      "-",
      ".",
      "1",
      "IN",
      "tags",
      ",",
      "AS",
      "TOP",
      "COUNT(",
      "GROUP BY",
      ";",
      "ü",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 30 }).map((list) => list.join(" ")),
        ),
        (text) => {
          try {
            parseQuery(text);
          } catch (error) {
            assert.ok(error instanceof QuerySyntaxError, String(error));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
