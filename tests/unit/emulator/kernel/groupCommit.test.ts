import { strict as assert } from "node:assert";
import { Database } from "../../../../emulator/kernel/database";

describe("changes in one group commit", () => {
  let database: Database;

  beforeEach(() => {
    database = new Database(":memory:");
    database.define("CREATE TABLE thing (name TEXT PRIMARY KEY)");
  });

  const add = (name: string) => database.run("INSERT INTO thing (name) VALUES (?)", name);
  const names = () => database.all("SELECT name FROM thing ORDER BY name").map(({ name }) => name);

  it("return the result of each, in one commit", async () => {
    const seen: unknown[] = [];
    const both = ["a", "b"].map((name) =>
      database.groupCommit(() => {
        add(name);
        seen.push(names());
        return name.toUpperCase();
      }),
    );
    assert.deepEqual(names(), [], "nothing happens before others could join");
    assert.deepEqual(await Promise.all(both), ["A", "B"]);
    assert.deepEqual(seen, [["a"], ["a", "b"]]);
  });

  it("are rolled back alone when they throw", async () => {
    const [first, second, third] = await Promise.allSettled([
      database.groupCommit(() => add("a")),
      database.groupCommit(() => {
        add("b");
        throw new Error("no b");
      }),
      database.groupCommit(() => database.transaction(() => add("c"))),
    ]);
    assert.deepEqual([first?.status, second?.status, third?.status], ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(names(), ["a", "c"]);
  });

  it("are committed before the database closes, and refused afterwards", async () => {
    const waiting = database.groupCommit(() => add("a"));
    database.close();
    assert.equal(await waiting, 1);
    await assert.rejects(
      database.groupCommit(() => add("b")),
      /the database is closed/,
    );
  });

  it("are refused by a closed database, where libsql would crash the process", () => {
    assert.deepEqual(names(), []);
    database.close();
    for (const ask of [names, () => database.get("SELECT 1"), () => add("a"), () => database.transaction(() => 1)]) {
      assert.throws(ask, /the database is closed/);
    }
    assert.throws(() => database.define("CREATE TABLE other (name TEXT)"), /the database is closed/);
  });
});

describe("what runs after a commit", () => {
  it("runs once the transaction is committed, and not if it is rolled back, alone or in a group", async () => {
    const database = new Database(":memory:");
    const ran: string[] = [];
    const later = (name: string) => database.afterCommit(() => ran.push(name));
    later("at once");
    database.transaction(() => {
      later("inner");
      assert.deepEqual(ran, ["at once"]);
    });
    assert.throws(() =>
      database.transaction(() => {
        later("rolled back");
        throw new Error("no");
      }),
    );
    const both = [
      database.groupCommit(() => later("one of two")),
      database.groupCommit(() => {
        later("the other");
        throw new Error("no");
      }),
    ];
    await Promise.allSettled(both);
    assert.deepEqual(ran, ["at once", "inner", "one of two"]);
  });
});
