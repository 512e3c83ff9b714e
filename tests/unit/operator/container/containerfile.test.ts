import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("the container of an operator endpoint", () => {
  it("has the Pulumi CLI in the version of package.json", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const [, version] = /^FROM \S+:(\S+)$/m.exec(read("operator/container/Containerfile")) ?? [];
    assert.equal(version, dependencies["@pulumi/pulumi"]);
  });

  it("leaves keys, state and packages of the checkout out of its image", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const entry of [".local", "**/node_modules", "**/*.key", "**/*.pem"])
      assert.ok(ignored.includes(entry), entry);
  });

  it("starts by a script that a POSIX shell reads, and that names a missing variable", () => {
    const script = join(ROOT, "operator/container/start.sh");
    execFileSync("sh", ["-n", script]);
    const env = { PATH: process.env.PATH };
    assert.throws(() => execFileSync("sh", [script], { env, stdio: "pipe" }), /OPERATOR_INSTANCE/);
  });
});
