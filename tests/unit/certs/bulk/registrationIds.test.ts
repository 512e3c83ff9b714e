import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { NAME_RULES } from "../../../../azure/names";
import { parseCsv } from "../../../../certs/bulk/csv";
import { checkCsvIds, csvIds, numberedIds } from "../../../../certs/bulk/registrationIds";
import { isRegistrationId, REGISTRATION_ID_RULE, registrationKey } from "../../../../certs/registrationId";
import { decodeText } from "../../../../certs/textEncoding";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("certs/bulk/registrationIds", () => {
  const folder = mkdtempSync(join(tmpdir(), "certs-ids-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (text: string): string => {
    const path = join(folder, "ids.csv");
    writeFileSync(path, text);
    return path;
  };

  it("applies the rule of azure/names.ts", () => {
    const { maximum, pattern, rule } = NAME_RULES.x509RegistrationId;
    assert.deepEqual({ ...REGISTRATION_ID_RULE }, { maximum, pattern, rule });
    for (const good of ["a", "-", "A.b_c:d-1", "x".repeat(64)]) assert.ok(isRegistrationId(good), good);
    for (const bad of ["", "a.", "a b", "ü", "a/b", "../a", "x".repeat(65)]) assert.ok(!isRegistrationId(bad), bad);
    assert.equal(registrationKey("Dev-A"), registrationKey("dEV-a"));
  });

  it("numbers devices; a larger count keeps the names of a smaller one", () => {
    assert.deepEqual([...numberedIds({ count: 2 })], ["device-000001", "device-000002"]);
    assert.deepEqual([...numberedIds({ prefix: "s", count: 3, start: 9, digits: 2 })], ["s09", "s10", "s11"]);
    assert.deepEqual([...numberedIds({ count: 5 })].slice(0, 2), [...numberedIds({ count: 2 })]);
  });

  it("takes the named column, or the first, with either line end and a byte-order mark", async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["a\nb\n", ["a", "b"]],
      ["a\r\nb", ["a", "b"]],
      ["\uFEFFa,x\n\n\nb,y\n", ["a", "b"]],
      ["site,RegistrationId\nBerlin,a\nOslo, b \n", ["a", "b"]],
      ['registrationId,note\n"a","says ""hi"", twice\nover"\nb,\n', ["a", "b"]],
    ];
    for (const [text, expected] of cases) {
      assert.deepEqual(await all(csvIds(file(text))), expected, text);
      assert.equal(await checkCsvIds(file(text)), 2);
    }
  });

  it("reports all errors of a file at once, with their lines", async () => {
    await assert.rejects(checkCsvIds(file("a\nb c\n\nA\n\nd.\n")), {
      name: "CertsError",
      code: "badRegistrationId",
      data: { path: join(folder, "ids.csv"), errors: 3 },
      message: /line 2: 'b c' is not .*\n.*line 4: 'A' .*line 1\n.*line 6: 'd\.' is not /,
    });
    await assert.rejects(checkCsvIds(file("?\n".repeat(25))), /25 errors:(\n {2}line .*){20}\n {2}and 5 more$/);
    await assert.rejects(checkCsvIds(file("registrationId\n")), { code: "badRegistrationId" });
    await assert.rejects(checkCsvIds(join(folder, "none.csv")), { code: "keyFile" });
  });

  it("refuses unbalanced quotes, and names the line", async () => {
    await assert.rejects(all(parseCsv(['a\n"b\nc\n'])), { code: "malformed", data: { line: 2 } });
    await assert.rejects(all(parseCsv(['a\nb"c\n'])), { code: "malformed", data: { line: 2 } });
    await assert.rejects(all(parseCsv(['"a"b\n'])), { code: "malformed", data: { line: 1 } });
  });

  it("reads semicolons, tabs and UTF-16, as spreadsheets write them", async () => {
    const expected = [
      ["registrationId", "site"],
      ["dev-1", "München, a;b"],
    ];
    for (const separator of [",", ";", "\t"]) {
      const text = `registrationId${separator}site\r\ndev-1${separator}"München, a;b"\r\n`;
      const utf16 = Buffer.from(text, "utf16le");
      for (const bytes of [
        Buffer.from(text),
        Buffer.from(`\ufeff${text}`),
        utf16,
        Buffer.from(`\ufeff${text}`, "utf16le"),
        Buffer.from(utf16).swap16(),
        Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
      ]) {
        const records = await all(parseCsv(decodeText([bytes])));
        assert.deepEqual(
          records.map(({ cells }) => cells),
          expected,
        );
      }
    }
    // A list of hosts in a cell does not make the semicolon the separator.
    const [, second] = await all(parseCsv(["registrationId,iotHubs\nd,a;b;c\n"]));
    assert.deepEqual(second?.cells, ["d", "a;b;c"]);
  });

  it("refuses Windows-1252 and names the line", async () => {
    const path = file("registrationId,site\nd-1,Koeln\n");
    writeFileSync(path, Buffer.from("registrationId,site\nd-1,Koeln\nd-2,M\u00fcnchen\n", "latin1"));
    await assert.rejects(all(csvIds(path)), {
      code: "malformed",
      data: { line: 3, path },
      message: /ids\.csv: Line 3 .*not UTF-8: save the file as UTF-8/,
    });
    await assert.rejects(all(decodeText([Buffer.from("a\nb"), Buffer.from("\xfc", "latin1")])), { data: { line: 2 } });
    await assert.rejects(all(decodeText([Buffer.from("\xc3", "latin1")])), { code: "malformed" });
  });

  it("reads back any cells, however the text is cut into chunks", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "ü", '"', ",", "\n", "\r", " ", "😀"), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), cuts, async (rows, end, at) => {
        const text = rows
          .map((cells) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(",") + end)
          .join("");
        const bytes = Buffer.from(text);
        const places = [0, ...at.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        const records = await all(parseCsv(decodeText(chunks)));
        assert.deepEqual(
          records.map(({ cells }) => cells),
          rows,
        );
        const before = (index: number): string => text.slice(0, index);
        let offset = 0;
        for (const [index, cells] of rows.entries()) {
          const lines = before(offset).replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n").length;
          assert.equal(records[index]?.line, lines);
          offset += cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(",").length + end.length;
        }
      }),
      { numRuns: 60 },
    );
  });
});
