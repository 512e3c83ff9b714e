import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { exportLines, SHELLS } from "../../../../emulator/contract/shellExports";

/** Reads one quoted word as the shell's manual says, and refuses anything that would end or expand it. */
const READERS = {
  posix(word: string): string {
    let text = "";
    for (let rest = word; rest !== ""; ) {
      const part = /^'([^']*)'/.exec(rest) ?? /^\\(')/.exec(rest);
      assert.ok(part, `outside quotes: ${rest}`);
      text += part[1] ?? "";
      rest = rest.slice(part[0].length);
    }
    return text;
  },
  fish(word: string): string {
    assert.match(word, /^'(?:[^'\\]|\\['\\])*'$/s);
    return word.slice(1, -1).replace(/\\(['\\])/g, "$1");
  },
  powershell(word: string): string {
    assert.match(word, /^'(?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\1)*'$/s);
    return word.slice(1, -1).replace(/(['\u2018\u2019\u201a\u201b])\1/g, "$1");
  },
  cmd(word: string): string {
    assert.doesNotMatch(word.replaceAll("%%", ""), /%/);
    return word.replaceAll("%%", "%");
  },
  "env-file": (word: string): string => word,
};

const value = fc.string({ unit: fc.constantFrom(..."ab '\"\\$`!%&|;<>^*?~#(){}[]=\u2019é\n\t") });

/** What surrounds a value in a shell's line. */
const AROUND = {
  posix: ["export A=", ""],
  fish: ["set -gx A ", ""],
  powershell: ["$env:A = ", ""],
  cmd: ['set "A=', '"'],
  "env-file": ["A=", ""],
};

describe("lines for a shell", () => {
  for (const shell of SHELLS) {
    it(`writes any value as one ${shell} word that reads back as itself`, () => {
      const [before = "", after = ""] = AROUND[shell];
      const holds = (text: string) => !["cmd", "env-file"].includes(shell) || !text.includes("\n");
      fc.assert(
        fc.property(value.filter(holds), (text) => {
          const line = exportLines({ set: { A: text }, unset: [] }, shell);
          assert.ok(line.startsWith(before) && line.endsWith(`${after}\n`));
          assert.equal(READERS[shell](line.slice(before.length, -after.length - 1)), text);
        }),
      );
    });
  }

  // Windows has no sh of its own.
  const onPosix = process.platform === "win32" ? () => undefined : it;
  onPosix("gives a real sh exactly the values", () => {
    const set = Object.fromEntries(
      fc.sample(value, { numRuns: 200, seed: 1 }).map((text, index) => [`ZT_${index}`, text]),
    );
    const dump = "process.stdout.write(JSON.stringify(process.env))";
    const script = `${exportLines({ set, unset: ["ZT_GONE"] }, "posix")}exec "$0" -e '${dump}'`;
    const env = { ...process.env, ZT_GONE: "still here" };
    const seen = JSON.parse(execFileSync("sh", ["-c", script, process.execPath], { encoding: "utf8", env })) as Record<
      string,
      string
    >;
    assert.deepEqual(Object.fromEntries(Object.keys(set).map((name) => [name, seen[name]])), set);
    assert.equal(seen.ZT_GONE, undefined);
  });

  it("writes lines for each shell", () => {
    const environment = { set: { A: "it's 100%" }, unset: ["B"] };
    assert.equal(exportLines(environment, "posix"), "unset B\nexport A='it'\\''s 100%'\n");
    assert.equal(exportLines(environment, "fish"), "set -e B\nset -gx A 'it\\'s 100%'\n");
    assert.equal(
      exportLines(environment, "powershell"),
      "Remove-Item Env:B -ErrorAction SilentlyContinue\n$env:A = 'it''s 100%'\n",
    );
    assert.equal(exportLines(environment, "cmd"), 'set "B="\nset "A=it\'s 100%%"\n');
    assert.equal(exportLines(environment, "env-file"), "B=\nA=it's 100%\n");
  });

  it("rejects values that a shell cannot hold", () => {
    assert.throws(() => exportLines({ set: { A: "a\nb" }, unset: [] }, "cmd"), {
      name: "TypeError",
      message: /value of A .*for cmd/,
    });
    assert.throws(() => exportLines({ set: { A: "a\nb" }, unset: [] }, "env-file"), /for env-file/);
    assert.throws(() => exportLines({ set: { A: "a\0b" }, unset: [] }, "posix"), { name: "TypeError" });
  });
});
