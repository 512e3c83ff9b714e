import { strict as assert } from "node:assert";
import { parseLine } from "../../../../operator/console/lineGrammar";
import { bindParameters, findCommand } from "../../../../operator/console/parameterBinding";
import { aCommand } from "../../../cast/operator/consoleSession";

describe("operator/console/parameterBinding", () => {
  const command = aCommand("Get-Thing", [
    { name: "Name", type: "String", about: "", position: 0, isMandatory: true, pattern: /^[a-z]+$/, from: 2, to: 5 },
    { name: "Count", type: "Int32", about: "", position: 1, from: 1, to: 10 },
    { name: "Roles", type: "String[]", about: "", choices: ["Hub", "Dps"] },
    { name: "FromDate", type: "DateTime", about: "" },
    { name: "FromHour", type: "Int32", about: "" },
    { name: "Force", type: "Switch", about: "" },
  ]);
  const bound = (line: string) => bindParameters(command, parseLine(line) ?? assert.fail());
  const values = (line: string) => Object.fromEntries(bound(line).values);

  it("binds by name, by the beginning of a name, by position, in any letter case", () => {
    assert.deepEqual(values("Get-Thing -NAME ab -c 3 -for -Roles hub,'DPS'"), {
      Name: "ab",
      Count: 3,
      Force: true,
      Roles: ["Hub", "Dps"],
    });
    assert.deepEqual(values("Get-Thing ab 3"), { Name: "ab", Count: 3 });
    // A parameter that is named takes no place, as in PowerShell.
    assert.deepEqual(values("Get-Thing 3 -Name ab"), { Name: "ab", Count: 3 });
    assert.deepEqual(values("Get-Thing ab -Count:10"), { Name: "ab", Count: 10 });
  });

  it("reads dates in UTC where no offset is given", () => {
    const date = (text: string) => (values(`Get-Thing ab -FromDate '${text}'`).FromDate as Date).toISOString();
    assert.equal(date("2026-11-26"), "2026-11-26T00:00:00.000Z");
    assert.equal(date("2026-11-26 14:30"), "2026-11-26T14:30:00.000Z");
    assert.equal(date("2026-11-26T14:30:05+02:00"), "2026-11-26T12:30:05.000Z");
  });

  it("reports mandatory parameters without a value", () => {
    assert.deepEqual(
      bound("Get-Thing -Force").missing.map(({ name }) => name),
      ["Name"],
    );
    assert.deepEqual(bound("Get-Thing ab").missing, []);
  });

  const invalid: Readonly<Record<string, string>> = {
    "Get-Thing a": "ParameterInvalid",
    "Get-Thing abcdef": "ParameterInvalid",
    "Get-Thing AB": "ParameterInvalid",
    "Get-Thing ''": "ParameterInvalid",
    "Get-Thing ab,cd": "ParameterInvalid",
    "Get-Thing ab 0": "ParameterInvalid",
    "Get-Thing ab 11": "ParameterInvalid",
    "Get-Thing ab 1.5": "ParameterInvalid",
    "Get-Thing ab 1e1": "ParameterInvalid",
    "Get-Thing ab 1 x": "ParameterInvalid",
    "Get-Thing ab -Roles Vault": "ParameterInvalid",
    "Get-Thing ab -FromDate yesterday": "ParameterInvalid",
    "Get-Thing ab -FromDate 2026-02-31": "ParameterInvalid",
    "Get-Thing ab -FromDate 2026-13-01": "ParameterInvalid",
    "Get-Thing ab -Force:1": "ParameterInvalid",
    "Get-Thing -Name": "ParameterInvalid",
    "Get-Thing -Name -Force": "ParameterInvalid",
    "Get-Thing -Name ab -Name cd": "ParameterInvalid",
    "Get-Thing ab -F": "ParameterNotFound",
    "Get-Thing ab -From 2026-11-26": "ParameterNotFound",
    "Get-Thing ab -Nope": "ParameterNotFound",
    "Get-Thing ab --name": "ParameterInvalid",
  };
  for (const [line, code] of Object.entries(invalid)) {
    it(`refuses ${line} with ${code}`, () => assert.throws(() => bound(line), { code }));
  }

  it("finds commands in any letter case, and names the one that was probably meant", () => {
    assert.equal(findCommand([command], "get-THING").name, "Get-Thing");
    assert.throws(() => findCommand([command], "Get-Thng"), {
      code: "CommandNotFound",
      remedy: "Get-Thing is probably meant",
    });
    assert.throws(() => findCommand([command], "sh"), { remedy: "Get-Command lists the commands" });
  });

  it("says how a value keeps its quotation marks through ssh, where a shell has removed them", () => {
    const lines = ["Get-Thing ab 3 AAAA comment", "Get-Thing https://account.example/c?sv=1&sig=2"];
    for (const line of lines) assert.throws(() => bound(line), { remedy: /ssh HOST -- "[^"]*'two words'"/ }, line);
  });
});
