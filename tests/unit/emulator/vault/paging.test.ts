import assert from "node:assert/strict";
import fc from "fast-check";
import { type VaultHarness, vaultHarness } from "../../../cast/vaultHarness";

interface Page {
  readonly value: readonly { readonly id: string }[];
  readonly nextLink: string | null;
}

describe("lists of a vault", () => {
  let harness: VaultHarness;
  before(async () => {
    harness = await vaultHarness();
  });
  after(() => harness.close());

  /** Follows the next links as clients do; returns the IDs and the sizes of the pages. */
  async function walk(path: string): Promise<{ ids: string[]; sizes: number[] }> {
    const [ids, sizes]: [string[], number[]] = [[], []];
    let next: string | null = `https://vault-1.vault.azure.net${path}${path.includes("?") ? "&" : "?"}api-version=7.5`;
    while (next !== null) {
      const url: URL = new URL(next);
      assert.equal(url.host, "vault-1.vault.azure.net");
      assert.equal(url.searchParams.get("api-version"), "7.5");
      const authorization = `Bearer ${harness.token()}`;
      const { body } = await harness.send("GET", url.pathname + url.search, undefined, {
        host: url.host,
        authorization,
      });
      const page = body as Page;
      ids.push(...page.value.map(({ id }) => id.split("/").slice(4).join("/")));
      sizes.push(page.value.length);
      next = page.nextLink;
    }
    return { ids, sizes };
  }

  it("return every name once, in order, with any page size", async () => {
    const name = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
    const names = fc.uniqueArray(name, { selector: (each) => each.toLowerCase(), minLength: 0, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 1, max: 25 }), async (chosen, size) => {
        harness.services.database.reset();
        harness.deps.objects.changed();
        const key = (each: string) => ({ vault: "vault-key-vault-1", kind: "secret", name: each }) as const;
        for (const each of chosen) harness.deps.objects.add(key(each), { detail: {} });
        const { ids, sizes } = await walk(`/secrets?maxresults=${size}`);
        const lower = (each: string) => each.toLowerCase();
        assert.deepEqual(
          ids,
          [...chosen].sort((a, b) => (lower(a) < lower(b) ? -1 : 1)),
        );
        for (const each of sizes.slice(0, -1)) assert.equal(each, size);
      }),
      { numRuns: 25 },
    );
  });

  it("return versions and deleted objects in pages of 25 by default", async () => {
    harness.services.database.reset();
    harness.deps.objects.changed();
    const made: string[] = [];
    for (let index = 0; index < 27; index += 1) {
      const { body } = await harness.vault("PUT", "/secrets/a", { value: String(index) });
      made.push((body as { id: string }).id.split("/").slice(4).join("/"));
    }
    assert.deepEqual(await walk("/secrets/a/versions"), { ids: made, sizes: [25, 2] });
    await harness.vault("DELETE", "/secrets/a");
    assert.deepEqual(await walk("/deletedsecrets?maxresults=1"), { ids: ["a"], sizes: [1] });
  });

  it("refuse a continuation that no list has returned", async () => {
    for (const token of ["x", "AAAA", Buffer.from("a").toString("base64url"), "%FF"]) {
      const { status, body } = await harness.vault("GET", `/secrets?$skiptoken=${token}`);
      assert.equal(status, 400, token);
      assert.match(JSON.stringify(body), /BadParameter.*\$skiptoken/);
    }
  });

  it("refuse a page size that is not a whole number from 1 to 25", async () => {
    for (const size of ["0", "-1", "x", "1.5", "26", "5000"]) {
      const { status, body } = await harness.vault("GET", `/secrets?maxresults=${size}`);
      assert.equal(status, 400);
      assert.match(JSON.stringify(body), /BadParameter.*maxresults must be a whole number/);
    }
  });
});
