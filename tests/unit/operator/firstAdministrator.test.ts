import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../certs/clock";
import { ensureAdministrator } from "../../../operator/firstAdministrator";
import { UserDirectory } from "../../../operator/users/userDirectory";
import { TestStores } from "../../cast/operator/testStores";

describe("the first administrator", () => {
  it("gets a key in the folder of the first start, and no other folder gets one for its store", async () => {
    const stores = new TestStores();
    const store = stores.open();
    const [first, other] = [1, 2].map(() => mkdtempSync(join(tmpdir(), "operator-first-"))) as [string, string];
    try {
      const file = await ensureAdministrator(store, first, systemClock);
      assert.equal(file, join(first, "id_ed25519"));
      assert.equal(await ensureAdministrator(store, first, systemClock), file);
      assert.equal(await ensureAdministrator(store, other, systemClock), undefined);
      assert.equal(existsSync(join(other, "id_ed25519")), false);
      assert.equal((await new UserDirectory(store).user("operator"))?.publicKeys.length, 1);
    } finally {
      await stores.close();
      for (const folder of [first, other]) rmSync(folder, { recursive: true });
    }
  });
});
