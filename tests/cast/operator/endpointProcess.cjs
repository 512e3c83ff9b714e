/**
 * An instance in a process of its own: `node endpointProcess.cjs STORE STATE_FOLDER`. Prints its port and host keys as JSON. Its
 * command Wait-Forever reports progress once, and never ends.
 */
require("../../../bootstrap/typescript.cjs");
const { SqliteStore } = require("../../../operator/store/sqliteStore.ts");
const { startOperatorEndpoint } = require("../../../operator/operatorEndpoint.ts");

const [file, stateFolder] = process.argv.slice(2);

const waitForever = {
  name: "Wait-Forever",
  about: "Never ends.",
  parameters: [],
  role: "operator",
  example: "Wait-Forever",
  run: async (_, { progress }) => {
    await progress("waiting");
    return new Promise(() => undefined);
  },
};

startOperatorEndpoint({
  instance: "killed",
  stackName: "dev",
  host: "127.0.0.1",
  port: 0,
  stateFolder,
  store: new SqliteStore(file),
  commands: [waitForever],
  authority: async () => undefined,
}).then(({ port, hostKeys }) => process.stdout.write(`${JSON.stringify({ port, hostKeys })}\n`));
