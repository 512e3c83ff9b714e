import { strict as assert } from "node:assert";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../../../../emulator/kernel/database";
import { exportMaterial, materialOf } from "../../../../../emulator/vault/keys/keyMaterial";
import { VaultObjectStore } from "../../../../../emulator/vault/objects/vaultObjectStore";
import { Sealer } from "../../../../../emulator/vault/sealer";
import { rsaKey } from "../../../../cast/rsaKeys";
import { testDependencies } from "../../../../cast/testDependencies";
import { vaultHarness } from "../../../../cast/vaultHarness";

/** The ways in which private bytes could be written. */
const spellings = (bytes: Buffer): Buffer[] => [
  bytes,
  Buffer.from(bytes.toString("base64url")),
  Buffer.from(bytes.toString("base64").replace(/=+$/, "")),
  Buffer.from(bytes.toString("hex")),
];

describe("the secrecy of a vault's keys", () => {
  it("returns no private member of an imported key in any operation", async () => {
    const harness = await vaultHarness();
    try {
      const jwk = rsaKey().export({ format: "jwk" });
      const responses = [
        await harness.vault("PUT", "/keys/k", { key: jwk }),
        await harness.vault("PUT", "/keys/broken", { key: { ...jwk, q: jwk.p } }),
        await harness.vault("PUT", "/keys/broken", { key: { ...jwk, dp: `${jwk.dp}=` } }),
        await harness.vault("GET", "/keys/k"),
        await harness.vault("GET", "/keys"),
        await harness.vault("GET", "/keys/k/versions"),
        await harness.vault("PATCH", "/keys/k/", { tags: { a: "b" } }),
        await harness.vault("POST", "/keys/k/sign", { alg: "RS256", value: jwk.d }),
        await harness.vault("POST", "/keys/k/backup"),
        await harness.vault("DELETE", "/keys/k"),
        await harness.vault("GET", "/deletedkeys/k"),
      ];
      assert.deepEqual(
        responses.map(({ status }) => status),
        [200, 400, 400, 200, 200, 200, 200, 400, 200, 200, 200],
      );
      const text = JSON.stringify(responses);
      for (const member of ["d", "p", "q", "dp", "dq", "qi"] as const) {
        for (const spelling of spellings(Buffer.from(jwk[member] ?? "", "base64url")).slice(1)) {
          assert.ok(!text.includes(spelling.toString()), `${member} is in a response`);
        }
      }
    } finally {
      await harness.close();
    }
  });

  it("writes no private key in plain into the state files", () => {
    const folder = mkdtempSync(join(tmpdir(), "vault-"));
    const database = new Database(join(folder, "state.db"));
    try {
      const objects = new VaultObjectStore({ ...testDependencies(), database }, new Sealer(randomBytes(32)));
      const key = { vault: "v", kind: "key", name: "k" } as const;
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
      const material = materialOf(privateKey);
      const bytes = exportMaterial(material);
      const version = objects.add(key, { detail: { jwk: material.jwk }, material: bytes });
      assert.deepEqual(objects.material(version), bytes);
      const d = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
      const files = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
      const publicX = Buffer.from(String((material.jwk as { x: string }).x));
      assert.ok(
        files.some((file) => file.includes(publicX)),
        "the public half is there to be found",
      );
      for (const spelling of spellings(d)) assert.ok(!files.some((file) => file.includes(spelling)));
    } finally {
      database.close();
      rmSync(folder, { recursive: true });
    }
  });
});
