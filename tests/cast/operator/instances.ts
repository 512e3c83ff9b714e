import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SessionClient, SessionRegistry } from "../../../operator/sessions/sessionRegistry";
import type { OperatorStore } from "../../../operator/store/operatorStore";
import { SqliteStore } from "../../../operator/store/sqliteStore";
import { type InstanceKey, instanceKey, publishInstanceKey } from "../../../operator/transcript/instanceKey";
import { TranscriptIndex } from "../../../operator/transcript/transcriptIndex";
import { HandClock } from "../testDependencies";

/** An instance of an operator endpoint, as far as sessions and transcripts go. */
export interface TestInstance {
  readonly store: OperatorStore;
  readonly instance: InstanceKey;
  readonly index: TranscriptIndex;
  readonly registry: SessionRegistry;
}

/** Instances over one SQLite file in a temporary folder, and one clock. */
export interface TestInstances {
  readonly clock: HandClock;
  readonly file: string;
  add(name: string, wrap?: (store: OperatorStore) => OperatorStore): Promise<TestInstance>;
  close(): Promise<void>;
}

/** An instance's key that no file holds. */
export function testInstanceKey(name: string): InstanceKey {
  return instanceKey(
    name,
    createPrivateKey(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
  );
}

export function testInstances(): TestInstances {
  const folder = mkdtempSync(join(tmpdir(), "operator-instances-"));
  const file = join(folder, "store.db");
  const clock = new HandClock();
  const stores: OperatorStore[] = [];
  return {
    clock,
    file,
    add: async (name, wrap = (store) => store) => {
      const store = wrap(new SqliteStore(file, clock));
      stores.push(store);
      const instance = testInstanceKey(name);
      await publishInstanceKey(store, instance);
      const index = new TranscriptIndex({ store, instance, clock });
      return { store, instance, index, registry: new SessionRegistry({ store, instance, clock }, index) };
    },
    close: async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const ALICE: SessionClient = Object.freeze({
  user: "alice",
  role: "administrator",
  source: "192.0.2.7",
  credential: "password",
});
