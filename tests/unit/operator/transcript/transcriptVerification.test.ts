import { strict as assert } from "node:assert";
import type { OperatorErrorCode } from "../../../../operator/operatorError";
import { sealedTranscript } from "../../../../operator/transcript/sealedTranscript";
import { verifyTranscript } from "../../../../operator/transcript/transcriptVerification";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";

describe("a transcript", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let two: TestInstance;
  let sealed: Buffer;
  let trusted: ReadonlySet<string>;

  before(async () => {
    instances = testInstances();
    [one, two] = [await instances.add("one"), await instances.add("two")];
    trusted = new Set([one.instance.fingerprint, two.instance.fingerprint]);
    sealed = await recorded();
  });
  after(() => instances.close());

  const log = async (id: string): Promise<Buffer> => (await one.store.readLog(`transcripts/${id}`)) ?? Buffer.alloc(0);

  /** A session that one instance opens and another one closes, with text in it that JSON escapes. */
  async function recorded(): Promise<Buffer> {
    const session = await one.registry.open(ALICE);
    await session.recorder.record("command", { line: 'Get-Help "ä ☃ \u{1F600}"', 7: "integer-like" });
    await session.recorder.record("output", { text: "first\nsecond \ud800" });
    await session.suspend();
    const again = await two.registry.takeOver(session.information.id, ALICE);
    await again.recorder.record("refused", { line: "a | b", error: "ScriptsNotAllowed" });
    await again.close("exit");
    const bytes = await log(session.information.id);
    return sealedTranscript(bytes, verifyTranscript(bytes, { trusted, mustBeSealed: false }), one.instance);
  }

  const refused = (bytes: Buffer | string, code: OperatorErrorCode, words = /./, known = trusted): void => {
    assert.throws(
      () => verifyTranscript(Buffer.from(bytes as string), { trusted: known, mustBeSealed: true }),
      (error: unknown) => {
        assert.equal((error as { code?: unknown }).code, code, String(error));
        assert.match(String(error), words);
        return true;
      },
    );
  };

  it("is verified with its session, its end and its instances", () => {
    const verified = verifyTranscript(sealed, { trusted, mustBeSealed: true });
    assert.deepEqual(
      verified.entries.map(({ sequence, kind }) => `${sequence} ${kind}`),
      ["1 opened", "2 command", "3 output", "4 takenOver", "5 refused", "6 closed"],
    );
    assert.deepEqual([verified.isSealed, verified.isClosed, verified.clockMovedBack], [true, true, []]);
    assert.deepEqual(new Set(verified.instances), trusted);
    assert.equal(verified.entries[0]?.data.user, "alice");
  });

  it("does not verify with one byte changed, wherever it is", () => {
    for (let at = 0; at < sealed.length; at += 29) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(
        () => verifyTranscript(changed, { trusted, mustBeSealed: true }),
        (error: unknown) => /^Transcript(Altered|Unsealed)$/.test((error as { code: string }).code),
        `byte ${at} of ${sealed.subarray(at - 20, at + 20).toString()}`,
      );
    }
  });

  it("does not verify without any one line, nor with two lines in another order, nor with a line twice", () => {
    const lines = sealed.toString("utf8").match(/[^\n]*\n/g) ?? [];
    assert.equal(lines.length, 7);
    for (let at = 0; at < lines.length; at += 1) {
      const isLast = at === lines.length - 1;
      refused(lines.toSpliced(at, 1).join(""), isLast ? "TranscriptUnsealed" : "TranscriptAltered");
      refused(lines.toSpliced(at, 0, lines[at] ?? "").join(""), "TranscriptAltered");
      if (!isLast) refused(lines.toSpliced(at, 2, lines[at + 1] ?? "", lines[at] ?? "").join(""), "TranscriptAltered");
    }
  });

  it("does not verify with its end removed, wherever it is cut", () => {
    for (let length = 0; length < sealed.length; length += 7) refused(sealed.subarray(0, length), "TranscriptUnsealed");
  });

  it("does not verify where an instance that is not known has recorded or sealed it", () => {
    refused(sealed, "InstanceUnknown", /line 1 .*instance one .*not known/i, new Set([two.instance.fingerprint]));
    refused(sealed, "InstanceUnknown", /line 4 .*instance two .*not known/i, new Set([one.instance.fingerprint]));
  });

  it("does not verify with lines of another transcript", async () => {
    const other = (await recorded()).toString("utf8").split("\n");
    const own = sealed.toString("utf8").split("\n");
    for (let at = 0; at < 7; at += 1) refused(own.with(at, other[at] ?? "").join("\n"), "TranscriptAltered");
  });

  it("does not verify with blanks, another spelling of a value, bytes that are not UTF-8, or no JSON", () => {
    const text = sealed.toString("utf8");
    refused(text.replace('"sequence":2,', '"sequence": 2,'), "TranscriptAltered", /line 2/i);
    refused(text.replace("☃", "\\u2603"), "TranscriptAltered", /line 2/i);
    refused(`${text}\n`, "TranscriptAltered", /line 7/i);
    refused(`[]\n${text}`, "TranscriptAltered", /line 1/i);
    refused(`\ufeff${text}`, "TranscriptAltered", /line 1/i);
    refused("", "TranscriptUnsealed");
  });

  it("reports entries whose time is before the entry before", async () => {
    const session = await one.registry.open(ALICE);
    instances.clock.advance(-3600);
    await session.recorder.record("command", { line: "Get-Help" });
    instances.clock.advance(3600);
    await session.close("exit");
    const bytes = await log(session.information.id);
    const verified = verifyTranscript(bytes, { trusted, mustBeSealed: false });
    assert.deepEqual([verified.clockMovedBack, verified.isSealed, verified.isClosed], [[2], false, true]);
  });
});
