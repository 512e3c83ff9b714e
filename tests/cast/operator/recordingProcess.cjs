/**
 * A process that records as fast as it can: `node recordingProcess.cjs STORE STATE_FOLDER`. Prints the session's ID, then the
 * number of each entry once it is acknowledged; at the first failure, its error.
 */
require("../../../bootstrap/typescript.cjs");
const { writeSync } = require("node:fs");
const { SqliteStore } = require("../../../operator/store/sqliteStore.ts");
const { SessionRegistry } = require("../../../operator/sessions/sessionRegistry.ts");
const { openInstanceKey, publishInstanceKey } = require("../../../operator/transcript/instanceKey.ts");
const { TranscriptIndex } = require("../../../operator/transcript/transcriptIndex.ts");
const { systemClock } = require("../../../certs/clock.ts");

const [file, folder] = process.argv.slice(2);

async function record() {
  const store = new SqliteStore(file);
  const instance = openInstanceKey(folder, "recording");
  await publishInstanceKey(store, instance);
  const writers = { store, instance, clock: systemClock };
  const registry = new SessionRegistry(writers, new TranscriptIndex(writers));
  const client = { user: "alice", role: "operator", source: "192.0.2.7", credential: "password" };
  const { recorder, information } = await registry.open(client);
  writeSync(1, `${information.id}\n`);
  for (let sequence = 2; ; sequence += 1) {
    await recorder.record(sequence % 2 ? "output" : "command", { number: sequence, text: "x".repeat(2000) });
    writeSync(1, `${sequence}\n`);
  }
}

record().catch((error) => writeSync(1, `${error.code}: ${error.message}\n`));
