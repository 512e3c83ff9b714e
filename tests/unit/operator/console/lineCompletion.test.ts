import { strict as assert } from "node:assert";
import type { CommandContext } from "../../../../operator/commands/operatorCommand";
import { lineCompletions } from "../../../../operator/console/lineCompletion";
import { aCommand } from "../../../cast/operator/consoleSession";

describe("operator/console/lineCompletion", () => {
  const commands = [
    aCommand("Get-Thing", [
      { name: "Name", type: "String", about: "", position: 0, complete: async () => ["pump", "fan 2"] },
      { name: "Role", type: "String", about: "", choices: ["Hub", "Dps"] },
      { name: "Credential", type: "Credential", about: "" },
    ]),
    aCommand("Get-Other"),
  ];
  const completed = async (line: string) => (await lineCompletions(line, commands, {} as CommandContext))[0];

  it("completes commands, parameters that are not there yet, choices and values", async () => {
    assert.deepEqual(await completed("get"), ["Get-Thing ", "Get-Other "]);
    assert.deepEqual(await completed("get-t"), ["Get-Thing "]);
    assert.deepEqual(await completed("Get-Thing -Name x -"), ["-Role ", "-Credential "]);
    assert.deepEqual(await completed("Get-Thing --"), ["--json "]);
    assert.deepEqual(await completed("Get-Thing -role h"), ["Hub "]);
    assert.deepEqual(await completed("Get-Thing p"), ["pump "]);
    assert.deepEqual(await completed("Get-Thing -Name "), ["pump ", "'fan 2' "]);
    assert.deepEqual(await completed("Get-Thing -Credential "), ["Get-Credential "]);
    assert.deepEqual(await completed("Get-Other x"), []);
    assert.deepEqual(await completed("Nope x"), []);
  });
});
