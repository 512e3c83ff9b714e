import assert from "node:assert/strict";
import { type FuzzReport, fuzzRequests } from "../cast/fuzz/requestFuzzer";

const SEED = Number(process.env.FUZZ_SEED || 1);
const REQUESTS = Number(process.env.FUZZ_REQUESTS || 10_000);
/** Bytes: what the caches of a run may hold more at its end than in its middle. */
const HEAP_GROWTH = 8 * 1024 * 1024;

describe(`the local Azure under ${REQUESTS} mutated requests (seed ${SEED})`, () => {
  let report: FuzzReport;

  before(async () => {
    report = await fuzzRequests({ seed: SEED, count: REQUESTS, measuresHeap: true });
    const counts = [...report.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    process.stdout.write(`    responses ${counts.join(", ")}; ${report.readBack} accepted writes were read back\n`);
  });

  it("returns no error of its own, is never slow, and stores nothing invalid", () => {
    assert.equal(report.findings.length, 0, `\n${report.findings.join("\n\n")}`);
  });

  it("was reached: most operations accepted a request, and every service refused some", () => {
    const accepted = report.routes.filter(({ name }) => report.succeeded.has(name)).length;
    if (REQUESTS >= 5000) assert.ok(accepted > 0.8 * report.routes.length, `${accepted} of ${report.routes.length}`);
    for (const status of [200, 400, 404]) assert.ok(report.statuses.has(status), `no ${status}`);
  });

  it("needs no more memory in the second half", () => {
    const { heapGrowth } = report;
    assert.ok(heapGrowth !== undefined && heapGrowth < HEAP_GROWTH, `${heapGrowth} bytes more`);
  });
});
