import { strict as assert } from "node:assert";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
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

describe("a group commit of a database in a file", () => {
  let folder: string;
  let database: Database;
  /** Ends the flushes of the log to the disk, oldest first. */
  let flushes: ((error: NodeJS.ErrnoException | null) => void)[];
  const { fdatasync } = fs;

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "group-commit-"));
    database = new Database(join(folder, "state.db"));
    database.define("CREATE TABLE thing (name TEXT PRIMARY KEY)");
    flushes = [];
    Object.assign(fs, { fdatasync: (_file: number, done: (typeof flushes)[number]) => flushes.push(done) });
  });

  afterEach(() => {
    Object.assign(fs, { fdatasync });
    database.close();
    fs.rmSync(folder, { recursive: true });
  });

  const add = (name: string, ended: string[]) =>
    database
      .groupCommit(() => {
        database.run("INSERT INTO thing (name) VALUES (?)", name);
        database.afterCommit(() => ended.push(`after ${name}`));
      })
      .then(
        () => ended.push(name),
        (error: Error) => ended.push(error.message),
      );
  const count = () => Number(database.get("SELECT count(*) AS n FROM thing")?.n);

  it("ends once its log is on the disk; those that come meanwhile share the next one", async () => {
    const ended: string[] = [];
    const first = add("a", ended);
    await setImmediate();
    const others = [add("b", ended), add("c", ended)];
    await setImmediate();
    assert.deepEqual([ended, count(), flushes.length], [[], 1, 1]);
    flushes.shift()?.(null);
    await first;
    await setImmediate();
    assert.deepEqual([ended, count(), flushes.length], [["after a", "a"], 3, 1]);
    flushes.shift()?.(null);
    await Promise.all(others);
    assert.deepEqual(ended.slice(2), ["after b", "after c", "b", "c"]);
  });

  it("fails where the disk fails, and the next one runs", async () => {
    const ended: string[] = [];
    const first = add("a", ended);
    await setImmediate();
    const second = add("b", ended);
    flushes.shift()?.(new Error("EIO"));
    await first;
    await setImmediate();
    flushes.shift()?.(null);
    await second;
    assert.deepEqual(ended, ["EIO", "after b", "b"]);
  });

  it("does not wait for the disk where it has changed nothing", async () => {
    assert.equal(await database.groupCommit(count), 0);
    assert.equal(flushes.length, 0);
  });

  it("is complete when the database closes", async () => {
    const ended: string[] = [];
    const under = add("a", ended);
    await setImmediate();
    const waiting = add("b", ended);
    database.close();
    await waiting;
    flushes.shift()?.(null);
    await under;
    assert.deepEqual(ended, ["after b", "b", "after a", "a"]);
    database = new Database(join(folder, "state.db"));
    assert.equal(count(), 2);
  });
});
