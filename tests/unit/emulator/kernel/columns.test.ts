import { strict as assert } from "node:assert";
import { addColumns } from "../../../../emulator/kernel/columns";
import { Store } from "../../../../emulator/kernel/store";

describe("columns that a later version adds", () => {
  it("come to a table once, and keep its rows", () => {
    const store = new Store(":memory:");
    store.define("CREATE TABLE device (id TEXT NOT NULL)");
    store.run("INSERT INTO device (id) VALUES ('a')");
    const columns = { payload: "TEXT", version: "INTEGER NOT NULL DEFAULT 1" };
    addColumns(store, "device", columns);
    addColumns(store, "device", columns);
    const row = store.get("SELECT * FROM device");
    assert.deepEqual([row?.id, row?.payload, row?.version], ["a", null, 1]);
  });

  it("need a default when they may not be null", () => {
    const store = new Store(":memory:");
    store.define("CREATE TABLE device (id TEXT NOT NULL)");
    store.run("INSERT INTO device (id) VALUES ('a')");
    assert.throws(() => addColumns(store, "device", { version: "INTEGER NOT NULL" }), /NOT NULL/);
  });
});
