import { strict as assert } from "node:assert";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathsOf } from "../../../../cli/checkoutPaths";
import { COMMAND_RULES } from "../../../../cli/commandRules";
import { operatorVerify } from "../../../../cli/commands/operatorVerify";
import { argumentsOf } from "../../../../cli/runCommand";
import { sealedTranscript } from "../../../../operator/transcript/sealedTranscript";
import { verifyTranscript } from "../../../../operator/transcript/transcriptVerification";
import { ALICE, type TestInstances, testInstances } from "../../../cast/operator/instances";

describe("zero-touch operator verify", () => {
  const folder = mkdtempSync(join(tmpdir(), "operator-verify-"));
  const paths = { ...pathsOf(folder), local: join(folder, ".local") };
  const file = join(folder, "transcript.jsonl");
  const keyFile = join(folder, "instance.pub");
  let instances: TestInstances;
  let session: string;
  let fingerprint: string;
  let sealed: Buffer;

  before(async () => {
    instances = testInstances();
    const { store, registry, instance } = await instances.add("one");
    const opened = await registry.open(ALICE);
    await opened.recorder.record("command", { line: "Get-Help" });
    await opened.recorder.record("refused", { line: "a | b" });
    await opened.close("exit");
    session = opened.information.id;
    fingerprint = instance.fingerprint;
    const bytes = (await store.readLog(`transcripts/${session}`)) ?? Buffer.alloc(0);
    const verified = verifyTranscript(bytes, { trusted: new Set([fingerprint]), mustBeSealed: false });
    sealed = sealedTranscript(bytes, verified, instance);
    writeFileSync(file, sealed);
    writeFileSync(keyFile, `# instances\n${instance.publicKey} one\n`);
  });
  after(async () => {
    await instances.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...words: string[]): Promise<{ code: number; out: string; err: string }> => {
    const printed = { out: "", err: "" };
    const rule = COMMAND_RULES["operator verify"] ?? { usage: "", about: "", options: {} };
    const code = await operatorVerify(paths, argumentsOf("operator verify", rule, words), {
      stdout: { write: (text) => (printed.out += text) },
      stderr: { write: (text) => (printed.err += text) },
    });
    return { code, ...printed };
  };

  it("reports whose session it is, by key file, by fingerprint and by the keys of the checkout", async () => {
    const byKey = await run(file, "--key", keyFile);
    assert.equal(byKey.code, 0, byKey.err);
    assert.match(byKey.out, /whole and unaltered: 4 entries, 1 commands, 1 refused/);
    assert.match(byKey.out, new RegExp(`Session ${session} of alice from 192\\.0\\.2\\.7`));
    assert.deepEqual(await run(file, "--fingerprint", `SHA256:other, ${fingerprint}`), byKey);
    mkdirSync(join(paths.local, "operator", "one"), { recursive: true });
    copyFileSync(keyFile, join(paths.local, "operator", "one", "instance.pub"));
    assert.deepEqual(await run(file), byKey);
    rmSync(paths.local, { recursive: true });
  });

  it("shows as escapes what an altered transcript would do to the terminal", async () => {
    const altered = join(folder, "escapes.jsonl");
    writeFileSync(altered, sealed.toString().replace('"sequence":1,', '"sequence":"\\u001b]0;x\\u0007\u009b31m",'));
    const { err } = await run(altered, "--fingerprint", fingerprint);
    assert.match(err, /its number is \\u\{1b\}\]0;x\\u\{7\}\\u\{9b\}31m/);
    const { out } = await run("--json", altered, "--fingerprint", fingerprint);
    assert.match(out, /^[ -~]+\n$/);
  });

  it("prints JSON, one object a file", async () => {
    const altered = join(folder, "altered.jsonl");
    writeFileSync(altered, sealed.toString().replace("Get-Help", "Get-Hilf"));
    const { code, out } = await run("--json", file, altered, "--fingerprint", fingerprint);
    assert.equal(code, 1);
    const [good, bad] = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      [good?.session, good?.user, good?.commands, good?.instances],
      [session, "alice", 1, [fingerprint]],
    );
    assert.deepEqual([bad?.file, bad?.error], [altered, "TranscriptAltered"]);
  });

  it("refuses an altered one, one without its end, and one of an unknown instance", async () => {
    const lines = sealed.toString().match(/[^\n]*\n/g) ?? [];
    const cases: [string, string][] = [
      [lines.slice(0, -1).join(""), "TranscriptUnsealed"],
      [lines.toSpliced(2, 1).join(""), "TranscriptAltered"],
    ];
    for (const [text, wanted] of cases) {
      const changed = join(folder, "changed.jsonl");
      writeFileSync(changed, text);
      const { code, out, err } = await run(changed, "--key", keyFile);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, new RegExp(`changed\\.jsonl: ${wanted}: [\\s\\S]*\nTo fix: `));
    }
    assert.match((await run(file, "--fingerprint", "SHA256:other")).err, /InstanceUnknown: .*not known/);
  });

  describe("of a store with seven transcripts", () => {
    let seven: TestInstances;
    let keys: string[];
    before(async () => {
      seven = testInstances();
      const { registry, instance } = await seven.add("one");
      for (let at = 0; at < 7; at += 1) await (await registry.open(ALICE)).close("exit");
      keys = ["--fingerprint", instance.fingerprint];
    });
    after(() => seven.close());

    it("names a wrong fingerprint once, and calls no transcript altered or missing", async () => {
      const wrong = await run(seven.file, "--fingerprint", "SHA256:other");
      assert.equal(wrong.code, 1);
      assert.match(wrong.err, /^InstanceUnknown: .* the instance one with the key SHA256:/);
      assert.match(wrong.err, /InstanceUnknown: The index is signed by/);
      assert.match(wrong.err, /and 6 more do not verify\. --all lists them/);
      assert.doesNotMatch(wrong.err, /TranscriptAltered|TranscriptMissing/);
      const all = await run(seven.file, "--all", "--fingerprint", "SHA256:other");
      assert.equal(all.err.match(/ transcripts\/[0-9a-f]{32}$/gm)?.length, 7);
    });

    it("sums them up, and lists all with --all", async () => {
      const { out } = await run(seven.file, ...keys);
      assert.match(
        out,
        /^7 transcripts are whole and unaltered: 14 entries, 0 commands, 0 refused lines\.\nSessions of alice, /,
      );
      const all = await run(seven.file, "--all", ...keys);
      assert.equal(all.out.match(/ is whole and unaltered/g)?.length, 7);
    });
  });

  it("compares a store with its index: what was uploaded is named, and what is missing is found", async () => {
    const { store, registry, index, instance } = await instances.add("two");
    const open = async (): Promise<string> => {
      const opened = await registry.open(ALICE);
      await opened.close("exit");
      return opened.information.id;
    };
    const [uploaded, removed] = [await open(), await open()];
    const remove = async (id: string) => store.removeLog(await store.acquireLease(`transcripts/${id}`, 20));
    const bytes = (await store.readLog(`transcripts/${uploaded}`)) ?? Buffer.alloc(0);
    const trusted = new Set([fingerprint, instance.fingerprint]);
    const moved = join(folder, "uploads");
    mkdirSync(moved);
    const verified = verifyTranscript(bytes, { trusted, mustBeSealed: false });
    writeFileSync(join(moved, `${uploaded}.jsonl`), sealedTranscript(bytes, verified, instance));
    await index.append({ kind: "uploaded", session: uploaded, hash: "ab12", file: "https://a.example/t.jsonl" });
    await remove(uploaded);
    const keys = ["--fingerprint", [...trusted].join(",")];
    const whole = await run(instances.file, ...keys);
    assert.equal(whole.code, 0, whole.err);
    assert.match(whole.out, new RegExp(`Session ${uploaded} is at https://a\\.example/t\\.jsonl, SHA-256 ab12`));
    const withFiles = await run(instances.file, moved, ...keys);
    assert.deepEqual([withFiles.code, withFiles.out.includes("SHA-256 ab12")], [0, false]);
    await remove(removed);
    const missing = await run(instances.file, ...keys);
    assert.equal(missing.code, 1);
    assert.match(missing.err, new RegExp(`TranscriptMissing: session ${removed}, opened at 20`));
    const [report] = (await run(instances.file, "--json", ...keys)).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ store: of }) => of !== undefined);
    assert.deepEqual(
      (report as unknown as { missing: { session: string }[] }).missing.map((each) => each.session),
      [removed],
    );
  });

  it("accepts no transcript without a known key, nor without a file", async () => {
    await assert.rejects(run(file), { code: "NO_INSTANCE_KEY" });
    await assert.rejects(run(join(folder, "absent"), "--key", keyFile), { code: "NO_FILE" });
    await assert.rejects(run(file, "--key", join(folder, "absent")), { code: "NO_FILE" });
    await assert.rejects(run(file, "--key", file), { code: "WRONG_KEY_FILE" });
    await assert.rejects(run("--key", keyFile), { code: "UNKNOWN_ARGUMENT" });
  });
});
