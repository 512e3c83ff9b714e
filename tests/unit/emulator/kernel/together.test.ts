import { strict as assert } from "node:assert";
import { Store } from "../../../../emulator/kernel/store";

describe("changes made together", () => {
  let store: Store;

  beforeEach(() => {
    store = new Store(":memory:");
    store.define("CREATE TABLE thing (name TEXT PRIMARY KEY)");
  });

  const add = (name: string) => store.run("INSERT INTO thing (name) VALUES (?)", name);
  const names = () => store.all("SELECT name FROM thing ORDER BY name").map(({ name }) => name);

  it("are answered with what each gave, in one commit", async () => {
    const seen: unknown[] = [];
    const both = ["a", "b"].map((name) =>
      store.together(() => {
        add(name);
        seen.push(names());
        return name.toUpperCase();
      }),
    );
    assert.deepEqual(names(), [], "nothing happens before others could join");
    assert.deepEqual(await Promise.all(both), ["A", "B"]);
    assert.deepEqual(seen, [["a"], ["a", "b"]]);
  });

  it("are undone alone when they throw", async () => {
    const [first, second, third] = await Promise.allSettled([
      store.together(() => add("a")),
      store.together(() => {
        add("b");
        throw new Error("no b");
      }),
      store.together(() => store.transaction(() => add("c"))),
    ]);
    assert.deepEqual([first?.status, second?.status, third?.status], ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(names(), ["a", "c"]);
  });

  it("are made before the store closes, and refused afterwards", async () => {
    const waiting = store.together(() => add("a"));
    store.close();
    assert.equal(await waiting, 1);
    await assert.rejects(
      store.together(() => add("b")),
      /the store is closed/,
    );
  });

  it("leave a closed store that refuses, where libsql would end the process", () => {
    assert.deepEqual(names(), []);
    store.close();
    for (const ask of [names, () => store.get("SELECT 1"), () => add("a"), () => store.transaction(() => 1)]) {
      assert.throws(ask, /the store is closed/);
    }
    assert.throws(() => store.define("CREATE TABLE other (name TEXT)"), /the store is closed/);
  });
});
