import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SessionRegistry } from "../../operator/sessions/sessionRegistry";
import { SqliteStore } from "../../operator/store/sqliteStore";
import { publishedFingerprints, publishInstanceKey } from "../../operator/transcript/instanceKey";
import { TranscriptIndex } from "../../operator/transcript/transcriptIndex";
import { verifyTranscript } from "../../operator/transcript/transcriptVerification";
import { LEASE_SECONDS } from "../../operator/transcript/transcriptWriter";
import { ended } from "../cast/ended";
import { ALICE, testInstanceKey } from "../cast/operator/instances";
import { HandClock } from "../cast/testDependencies";

const PROGRAM = join(__dirname, "../cast/operator/recordingProcess.cjs");

describe("a transcript that a process records", () => {
  const folder = mkdtempSync(join(tmpdir(), "operator-recording-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Kills a process with SIGKILL once it has acknowledged this many entries; returns the session and the last of them. */
  async function killed(file: string, acknowledged: number): Promise<{ session: string; last: number }> {
    const child = spawn(process.execPath, [PROGRAM, file, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === acknowledged) child.kill("SIGKILL");
    }
    assert.match(lines.at(-1) ?? "", /^\d+$/);
    return { session: lines[0] ?? "", last: Number(lines.at(-1)) };
  }

  it("has every acknowledged entry after kill -9 in mid-append, and goes on in another instance", async () => {
    const file = join(folder, "killed.db");
    for (const acknowledged of [2, 37, 90]) {
      const { session, last } = await killed(file, acknowledged);
      const clock = new HandClock(new Date(Date.now() + LEASE_SECONDS * 1000));
      const store = new SqliteStore(file, clock);
      const instance = testInstanceKey("other");
      await publishInstanceKey(store, instance);
      const registry = new SessionRegistry({ store, instance, clock }, new TranscriptIndex({ store, instance, clock }));
      const found = (await registry.orphaned({ user: "alice" })).map(({ id }) => id);
      assert.deepEqual(found, [session]);
      const taken = await registry.takeOver(session, ALICE);
      await taken.close("exit");
      const bytes = (await store.readLog(`transcripts/${session}`)) ?? Buffer.alloc(0);
      const trusted = await publishedFingerprints(store);
      const { entries } = verifyTranscript(bytes, { trusted, mustBeSealed: false });
      // At most one entry was written and not acknowledged; takenOver and closed follow.
      assert.ok(
        entries.length - 2 === last || entries.length - 3 === last,
        `${entries.length} entries, ${last} acknowledged`,
      );
      assert.equal(taken.interrupted !== undefined, entries.at(-3)?.kind === "command");
      await store.close();
    }
  }).timeout(60_000);

  it("ends the session on a full disk, and has every entry before", async function () {
    this.timeout(60_000);
    const namespace = ["-Urm", "sh", "-c"];
    if ((await ended("unshare", [...namespace, "true"], process.env)).code !== 0) return;
    const kept = join(folder, "full");
    // A file system of 600 kB of its own; what it has is copied at the end.
    const script = `mkdir -p "$1/small" && mount -t tmpfs -o size=600k tmpfs "$1/small" &&
      "$2" "$3" "$1/small/store.db" "$1" ; cp -r "$1/small" "$1/full"`;
    const run = await ended("unshare", [...namespace, script, "sh", folder, process.execPath, PROGRAM], process.env);
    const [session = "", ...lines] = run.out.trim().split("\n");
    assert.match(
      lines.at(-1) ?? "",
      /^TranscriptUnavailable: .*session ends: .*(disk is full|disk I\/O error)/,
      run.stderr,
    );
    const store = new SqliteStore(join(kept, "store.db"));
    const bytes = (await store.readLog(`transcripts/${session}`)) ?? Buffer.alloc(0);
    const verified = verifyTranscript(bytes, { trusted: await publishedFingerprints(store), mustBeSealed: false });
    assert.equal(verified.entries.length, lines.length);
    await store.close();
  });
});
