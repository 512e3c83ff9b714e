import assert from "node:assert/strict";
import { BoundedLog, LINE_LIMIT } from "../../../emulator/boundedLog";

function recorded() {
  const lines: [level: string, detail: object, message: string | undefined][] = [];
  const line = (level: string) => (detail: object, message?: string) => void lines.push([level, detail, message]);
  const log = new BoundedLog({ info: line("info"), warn: line("warn") } as ConstructorParameters<typeof BoundedLog>[0]);
  return { lines, log };
}

describe("lines that clients cause", () => {
  it("are bounded for each kind, and the others are counted", () => {
    const { lines, log } = recorded();
    for (let index = 0; index < LINE_LIMIT + 7; index += 1) log.write("mqtt refused", "info", { index });
    log.write("TLS failed", "warn", { host: "a" }, "TLS failed");
    assert.equal(lines.length, LINE_LIMIT + 1);
    assert.deepEqual(lines.at(-1), ["warn", { host: "a" }, "TLS failed"]);
    log.close();
    assert.deepEqual(lines.slice(LINE_LIMIT + 1), [
      ["warn", { kind: "mqtt refused", notLogged: 7 }, "more lines of this kind"],
    ]);
    log.write("mqtt refused", "info", { index: 0 });
    assert.equal(lines.length, LINE_LIMIT + 3);
    log.close();
  });

  it("have short texts", () => {
    const { lines, log } = recorded();
    log.write("mqtt refused", "info", { topic: "x".repeat(64_000), code: 5 });
    const [, detail] = lines[0] ?? ["", {}];
    assert.ok(JSON.stringify(detail).length < 600);
    assert.deepEqual(Object.keys(detail), ["topic", "code"]);
    log.close();
  });
});
