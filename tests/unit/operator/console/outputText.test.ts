import { strict as assert } from "node:assert";
import { errorText, outputText, shownText } from "../../../../operator/console/outputText";
import { OperatorError } from "../../../../operator/operatorError";

describe("operator/console/outputText", () => {
  const rows = [
    { name: "ada", roles: ["a", "b"], nested: { x: 1 } },
    { name: "otto", roles: [], count: 3 },
  ];

  it("shows rows as a table, and as a list where that is too wide", () => {
    assert.equal(
      outputText(rows, 60),
      ["Name Roles Nested  Count", "---- ----- ------- -----", 'ada  a, b  {"x":1}', "otto               3", ""].join(
        "\n",
      ),
    );
    assert.equal(
      outputText(rows, 20),
      'Name   : ada\nRoles  : a, b\nNested : {"x":1}\n\nName   : otto\nRoles  :\nCount  : 3\n',
    );
  });

  it("shows an object as a list, texts as they are, and nothing for nothing", () => {
    assert.equal(outputText({ a: 1, text: "x\ny" }), "A    : 1\nText : x\n       y\n");
    assert.equal(outputText("plain\n\n"), "plain\n");
    assert.equal(outputText(["a", "b"]), "a\nb\n");
    assert.equal(outputText(true), "true\n");
    for (const nothing of [undefined, null, "", []]) assert.equal(outputText(nothing), "");
  });

  it("escapes what a terminal would obey", () => {
    const value = { text: "a\u001b[1m\u009b31m\u202e\u{e0001}\tc" };
    const asJson = { command: "Get-Log", words: [], asksForJson: true };
    const json = shownText({ value }, asJson);
    assert.match(json, /^[ -~]+\n$/);
    assert.deepEqual(JSON.parse(json), value);
    assert.match(errorText(new OperatorError("NotFound", "\u009b31m"), asJson), /"\\u009b31m"/);
    assert.equal(outputText("a\u001b]0;x\u0007\u202e\rb\tc"), "a\\u{1b}]0;x\\u{7}\\u{202e}\\u{d}b\tc\n");
  });
});
