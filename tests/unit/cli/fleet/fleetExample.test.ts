import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { readArguments } from "../../../../cli/commandLine";
import { COMMAND_RULES } from "../../../../cli/commandRules";
import { readShard } from "../../../../cli/fleet/shard";

const FOLDER = join(__dirname, "../../../../examples/fleet");

/** The part of a Job that the test reads. */
interface Job {
  readonly kind: string;
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] } };
  };
}

describe("examples/fleet", () => {
  const documents = parseAllDocuments(readFileSync(join(FOLDER, "kubernetes.yaml"), "utf8"));
  const job = documents.map((each) => each.toJS() as Job).find(({ kind }) => kind === "Job");

  it("is an indexed Job with arguments of the command, and as many shards as completions", () => {
    assert.equal(job?.spec.completionMode, "Indexed");
    const words = job?.spec.template.spec.containers[0].args ?? [];
    const rule = COMMAND_RULES.fleet;
    assert.ok(rule);
    const { args, errors } = readArguments(rule, words);
    assert.deepEqual(errors, []);
    for (let index = 0; index < job.spec.completions; index += 1) {
      const shard = args.text("shard")?.replace("$(JOB_COMPLETION_INDEX)", String(index));
      assert.deepEqual(readShard(shard), { index, count: job.spec.completions });
    }
  });

  it("has an image that runs the command", () => {
    assert.match(
      readFileSync(join(FOLDER, "Containerfile"), "utf8"),
      /^ENTRYPOINT \["node", ".*zero-touch\.cjs", "fleet"\]$/m,
    );
  });
});
