import { strict as assert } from "node:assert";
import { LONGEST_LINE, parseLine } from "../../../../operator/console/lineGrammar";

describe("operator/console/lineGrammar", () => {
  const value = (...items: string[]) => ({ value: { items } });

  it("splits a line into a command and its words", () => {
    assert.deepEqual(parseLine("  Get-Log -FromDate 2026-11-26 -Role:'local azure' -Syntax rest --json"), {
      command: "Get-Log",
      words: [
        { parameter: "FromDate" },
        value("2026-11-26"),
        { parameter: "Role", value: { items: ["local azure"] } },
        { parameter: "Syntax" },
        value("rest"),
      ],
      asksForJson: true,
    });
    for (const empty of ["", "   ", "\t"]) assert.equal(parseLine(empty), undefined);
  });

  it("reads quotes, doubled quotes, lists and typographic characters as PowerShell does", () => {
    const line = "X-Y 'it''s' \"a \"\"b\"\"\" 'a,b',c , 'd' \u2013Name \u2018q\u2019 'p|q;$x' https://h/p?a=b%20 -5 ''";
    assert.deepEqual(parseLine(line)?.words, [
      value("it's"),
      value('a "b"'),
      value("a,b", "c", "d"),
      { parameter: "Name" },
      value("q"),
      value("p|q;$x"),
      value("https://h/p?a=b%20"),
      value("-5"),
      value(""),
    ]);
  });

  const refused: Readonly<Record<string, string>> = {
    "Get-Command | Out-File x": "a pipe (|)",
    "Get-Command; Exit": "several commands on a line (;)",
    "Get-Command && Exit": "several commands on a line (&&)",
    "Get-Command || Exit": "several commands on a line (||)",
    "& Get-Command": "a call or background operator (&)",
    "Get-Command &": "a call or background operator (&)",
    "$x = 1": "a variable ($)",
    "x = 1": "an assignment (=)",
    "Get-Help $(Exit)": "a subexpression ($( ))",
    'Get-Help "a$x"': "a variable ($) in double quotes",
    "Get-Help `n": "an escape character (`)",
    'Get-Help "`n"': "an escape character (`)",
    "Get-Command > x": "a redirection (>)",
    "Get-Command 2>&1": "a redirection (>)",
    "Get-Command < x": "a redirection (<)",
    "foreach x": "a statement (foreach)",
    "WHILE x": "a statement (while)",
    "if x": "a statement (if)",
    "% Get-Help": "a loop or filter (%)",
    "{ Exit }": "a script block ({ })",
    "Get-Help { Exit }": "a script block ({ })",
    "(Exit)": "an expression (( ))",
    "Get-Help (Exit)": "an expression (( ))",
    "1+1": "an expression",
    "'Exit'": "an expression",
    "[Console]::Beep": "a .NET type ([ ])",
    "Get-Help @args": "an array, hash table or splat (@)",
    "Get-Help # x": "a comment (#)",
    "Get-Help --% x": "the stop-parsing token (--%)",
    "/bin/sh": "a program or script file",
    ".\\x.ps1": "a program or script file",
    ". x": "a program or script file",
    "Get-Command\nExit": "several commands (a line break)",
    "Get-Command\rExit": "several commands (a line break)",
    "Get-Command\u2028Exit": "several commands (a line break)",
    "Get-Command\u0000": "a control or invisible character",
    "Get-Command\u001b[A": "a control or invisible character",
    "Get-Command \u202eExit": "a control or invisible character",
  };
  for (const [line, construct] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(line)} and names ${construct}`, () => {
      assert.throws(() => parseLine(line), { code: "ScriptsNotAllowed", message: `The line has ${construct}.` });
    });
  }

  it("refuses a quotation without an end, a comma without a value, and a line that is too long", () => {
    for (const line of ["Get-Help 'x", 'Get-Help "x', "Get-Help a,", "Get-Help ,a", "Get-Help -Name:"]) {
      assert.throws(() => parseLine(line), { code: "ParameterInvalid" }, line);
    }
    assert.throws(() => parseLine(`Get-Help ${"x".repeat(LONGEST_LINE)}`), { code: "ParameterInvalid" });
  });
});
