import { join } from "node:path";
import { systemClock } from "../../certs/clock";
import { ensureAdministrator } from "../../operator/firstAdministrator";
import { startOperatorEndpoint } from "../../operator/operatorEndpoint";
import type { OperatorStore, StoreLease } from "../../operator/store/operatorStore";
import { SqliteStore } from "../../operator/store/sqliteStore";

/**
 * An instance of the operator endpoint as a process of its own: `operatorInstance.ts FOLDER recorded|unrecorded`. Prints its
 * port, the file of the administrator's key and its host key, as JSON. Unrecorded: transcripts are kept nowhere.
 */
async function main(folder: string, mode: string): Promise<void> {
  const sqlite = new SqliteStore(join(folder, "store.db"));
  const store = mode === "recorded" ? sqlite : withoutLogs(sqlite);
  const identity = await ensureAdministrator(store, folder, systemClock);
  const { port, hostKeys } = await startOperatorEndpoint({
    instance: "bench",
    stackName: "bench",
    host: "127.0.0.1",
    port: 0,
    stateFolder: join(folder, "bench"),
    store,
    commands: [],
    authority: async () => undefined,
  });
  const hostKey = hostKeys.find(({ publicKey }) => publicKey.startsWith("ssh-ed25519"))?.publicKey;
  process.stdout.write(`${JSON.stringify({ port, identity, hostKey })}\n`);
}

/** A store with documents, and with logs that only pretend. */
function withoutLogs(store: OperatorStore): OperatorStore {
  const pretended: Partial<OperatorStore> = {
    createLog: async (log): Promise<StoreLease> => ({ log, id: "" }),
    append: async (_, position, bytes) => position + bytes.length,
    renewLease: async () => undefined,
    releaseLease: async () => undefined,
  };
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(pretended, name) ?? Reflect.get(target, name, target);
      return typeof member === "function" ? (member as () => unknown).bind(target) : member;
    },
  });
}

const [, , folder = "", mode = ""] = process.argv;
void main(folder, mode);
