import assert from "node:assert/strict";
import { fuzzRequests } from "../../cast/fuzz/requestFuzzer";
import { vaultHarness } from "../../cast/vaultHarness";

describe("the local Azure under mutated requests", () => {
  it("returns no error of its own, is never slow, and stores nothing invalid (npm run test:fuzz sends more)", async () => {
    const { findings, statuses, readBack } = await fuzzRequests({ seed: 1, count: 200 });
    assert.equal(findings.length, 0, `\n${findings.join("\n\n")}`);
    assert.ok(readBack > 0 && (statuses.get(400) ?? 0) > 0);
  });

  it("refuses objects that cannot become text where a text belongs", async () => {
    const harness = await vaultHarness();
    try {
      for (const odd of [
        { toString: 1 },
        { valueOf: 1, toString: null },
        { toJSON: 1 },
        JSON.parse('{"__proto__":null}'),
      ]) {
        const created = { kty: "EC", crv: "P-256" };
        for (const body of [
          { ...created, key_ops: ["sign", odd] },
          { ...created, kty: odd },
          { ...created, crv: odd },
        ]) {
          assert.equal((await harness.vault("POST", "/keys/a/create", body)).status, 400);
        }
        const issuer = { provider: "DigiCert", attributes: { enabled: odd } };
        assert.equal((await harness.vault("PUT", "/certificates/issuers/a", issuer)).status, 400);
      }
    } finally {
      await harness.close();
    }
  });
});
