import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { tarArchive } from "../../../../operator/logs/tarArchive";
import { NOW } from "../../../cast/certs";

describe("a tar archive", () => {
  it("is read by the tar program", () => {
    const files = [
      { name: "Operator.jsonl", bytes: Buffer.from("one\ntwo\n") },
      { name: "empty.jsonl", bytes: Buffer.alloc(0) },
      { name: "block.jsonl", bytes: Buffer.alloc(512, "x") },
    ];
    const input = tarArchive(files, NOW);
    const tar = (...args: string[]) => execFileSync("tar", args, { input, encoding: "utf8" });
    assert.deepEqual(tar("-tf", "-").trim().split("\n"), ["Operator.jsonl", "empty.jsonl", "block.jsonl"]);
    assert.equal(tar("-xOf", "-", "Operator.jsonl"), "one\ntwo\n");
    assert.equal(tar("-xOf", "-", "block.jsonl"), "x".repeat(512));
  });
});
