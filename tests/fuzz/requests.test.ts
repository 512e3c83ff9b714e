import assert from "node:assert/strict";
import { type FuzzReport, fuzzRequests } from "../cast/fuzz/requestFuzzer";

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 10_000);

describe(`the local Azure under ${REQUESTS} mutated requests (seed ${SEED})`, function () {
  this.timeout(900_000);
  let report: FuzzReport;

  before(async () => {
    report = await fuzzRequests({ seed: SEED, count: REQUESTS });
    console.log(
      [...report.statuses]
        .sort(([a], [b]) => a - b)
        .map(([s, n]) => `${s}: ${n}`)
        .join(", "),
      "read back:",
      report.readBack,
      "heap:",
      report.heapGrowth,
    );
    console.log(
      "never 2xx:",
      report.routes
        .filter(({ name }) => !report.succeeded.has(name))
        .map(({ name }) => name)
        .join(", "),
    );
  });

  it("gives every request its right response", () => {
    assert.equal(report.findings.length, 0, `\n${report.findings.join("\n\n")}`);
  });

  it("needs no more memory", () => {
    assert.ok(report.heapGrowth < 10_000_000);
  });
});
