// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from packages/local-azure/README.md.
import { strict as assert } from "node:assert";
import { type RunningAzure, start } from "../../emulator/inProcess";

let azure: RunningAzure;
let idScope: string;
before(async function () {
  this.timeout(30_000);
  azure = await start();
  const hub = await azure.createHub("plants-hub");
  ({ idScope } = await azure.createProvisioningService("plants-dps", hub));
});
after(() => azure.stop());

it("has an ID scope", () => assert.match(idScope, /^0ne/));
