import { strict as assert } from "node:assert";
import { Database } from "../../../../emulator/kernel/database";

describe("columns that a later version adds", () => {
  it("are added once, and keep the table's rows", () => {
    const database = new Database(":memory:");
    database.define("CREATE TABLE device (id TEXT NOT NULL)");
    database.run("INSERT INTO device (id) VALUES ('a')");
    const columns = { payload: "TEXT", version: "INTEGER NOT NULL DEFAULT 1" };
    database.addColumns("device", columns);
    database.addColumns("device", columns);
    const row = database.get("SELECT * FROM device");
    assert.deepEqual([row?.id, row?.payload, row?.version], ["a", null, 1]);
  });

  it("need a default when they cannot be null", () => {
    const database = new Database(":memory:");
    database.define("CREATE TABLE device (id TEXT NOT NULL)");
    database.run("INSERT INTO device (id) VALUES ('a')");
    assert.throws(() => database.addColumns("device", { version: "INTEGER NOT NULL" }), /NOT NULL/);
  });
});
