import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";
import { managedVault, VAULT } from "../../../cast/managedVault";

interface Page {
  readonly value: readonly { readonly name: string }[];
  readonly nextLink?: string;
}

describe("lists of Resource Manager with $top", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    for (const name of ["a", "b", "c", "d", "e"]) {
      const tags = name < "c" ? { Line: name } : {};
      await harness.arm("PUT", `/resourceGroups/${name}`, { location: "westeurope", tags });
    }
  });
  afterEach(() => harness.close());

  const names = ({ value }: Page): string => value.map(({ name }) => name).join("");

  it("have pages, whose links keep the other parameters and lead to the end", async () => {
    const pages: string[] = [];
    let path: string | undefined = "/resourceGroups?$top=2";
    while (path !== undefined) {
      const page: Page = (await harness.arm("GET", path)).body as Page;
      pages.push(names(page));
      const next: URL | undefined = page.nextLink === undefined ? undefined : new URL(page.nextLink);
      assert.ok(next === undefined || next.searchParams.get("api-version") === "2023-06-30");
      next?.searchParams.delete("api-version");
      path = next && `/resourceGroups${next.search}`;
    }
    assert.deepEqual(pages, ["ab", "cd", "e"]);
  });

  it("are whole without it, and with more than there are", async () => {
    for (const query of ["", "?$top=5", "?$top=5000"]) {
      const page = (await harness.arm("GET", `/resourceGroups${query}`)).body as Page;
      assert.deepEqual([names(page), page.nextLink], ["abcde", undefined], query);
    }
  });

  it("find groups by a tag, with and without its value, and refuse other filters by name", async () => {
    const list = async (filter: string) => harness.arm("GET", `/resourceGroups?$filter=${encodeURIComponent(filter)}`);
    for (const [filter, found] of [
      ["tagName eq 'line'", "ab"],
      ["tagName eq 'Line' and tagValue eq 'b'", "b"],
      ["tagName eq 'Line' and tagValue eq 'B'", ""],
      ["tagName eq 'other'", ""],
    ] as const) {
      assert.equal(names((await list(filter)).body as Page), found, filter);
    }
    const other = await list("name eq 'a'");
    assert.deepEqual([other.status, errorOf(other).code], [501, "NotEmulated"]);
  });

  it("are those of the secrets of a vault, too", async () => {
    const vault = await managedVault({ secrets: ["all"] });
    try {
      for (const name of ["a", "b"])
        await vault.manage("PUT", `${VAULT}/secrets/${name}`, { properties: { value: "v" } });
      const page = (await vault.manage("GET", `${VAULT}/secrets?$top=1`)).body as Page;
      assert.equal(names(page), "a");
      assert.match(page.nextLink ?? "", /\$?(%24)?skiptoken=/);
      assert.equal((await vault.manage("GET", `${VAULT}/secrets?$top=0`)).status, 400);
    } finally {
      await vault.close();
    }
  });
});
