import { strict as assert } from "node:assert";
import { Authenticator } from "../../../../operator/users/authenticator";
import { decoyHash, passwordHash } from "../../../../operator/users/operatorPassword";
import { LOCKOUT, SignInFailures } from "../../../../operator/users/signInFailures";
import { UserDirectory } from "../../../../operator/users/userDirectory";
import { refused } from "../../../cast/operator/refusals";
import { TestStores } from "../../../cast/operator/testStores";
import { HandClock } from "../../../cast/testDependencies";

const RIGHT = "Seven wet umbrellas, 1 dry";

describe("operator/users/authenticator", () => {
  const stores = new TestStores();
  after(() => stores.close());

  async function instance(store = stores.open(), clock = new HandClock()) {
    const waits: number[] = [];
    const directory = new UserDirectory(store);
    const failures = new SignInFailures(store, clock);
    const wait = async (milliseconds: number) => waits.push(milliseconds);
    const authenticator = new Authenticator(directory, failures, 1000, decoyHash(1024), wait);
    const password = await passwordHash(RIGHT, 1024);
    const created = clock.now().toISOString();
    if ((await directory.user("ada")) === undefined) {
      await directory.change(() => ({
        ada: { role: "administrator", password, publicKeys: [], created },
        otto: { role: "operator", password, publicKeys: [], created },
      }));
    }
    return { store, clock, failures, directory, authenticator, waits };
  }

  it("accepts the right password, in any letter case of the name and any form of its characters", async () => {
    const { authenticator, clock, directory, waits } = await instance();
    assert.deepEqual(await authenticator.byPassword("ADA", RIGHT, "192.0.2.1"), {
      user: "ada",
      role: "administrator",
      credential: "password",
      userCreated: clock.now().toISOString(),
    });
    const password = await passwordHash("Zw\u00f6lf nasse Regenschirme", 1024);
    await directory.change((users) => ({ ...users, otto: { ...(users.otto ?? assert.fail()), password } }));
    assert.ok(await authenticator.byPassword("otto", "Zwo\u0308lf nasse Regenschirme", "192.0.2.1"));
    assert.deepEqual(waits, []);
  });

  it("locks a user at a source after five failures, over all instances, and unlocks it after fifteen minutes", async () => {
    const one = await instance();
    const other = await instance(one.store, one.clock);
    for (let tries = 0; tries < LOCKOUT.ofUserAtSource; tries += 1) {
      const { authenticator } = tries % 2 === 0 ? one : other;
      await refused(authenticator.byPassword("ada", "wrong", "192.0.2.99"), "AuthenticationFailed");
    }
    await refused(other.authenticator.byPassword("ada", RIGHT, "192.0.2.99"), "AccountLocked");
    assert.ok(await other.authenticator.byPassword("otto", RIGHT, "192.0.2.99"));
    const until = await one.failures.lockedUntil("ada");
    assert.equal(until?.getTime(), one.clock.now().getTime() + LOCKOUT.forMs);
    // A try while it is locked does not prolong the lock.
    one.clock.advance(600);
    await refused(one.authenticator.byPassword("ada", RIGHT, "192.0.2.99"), "AccountLocked");
    assert.equal((await one.failures.lockedUntil("ada"))?.getTime(), until?.getTime());
    one.clock.advance(300);
    assert.ok(await one.authenticator.byPassword("ada", RIGHT, "192.0.2.99"));
    assert.equal(await one.failures.lockedUntil("ada"), undefined);
  });

  it("lets no single source lock a user out elsewhere, and locks the user for all after fifty failures", async () => {
    const { authenticator, failures } = await instance();
    for (let tries = 0; tries < 2 * LOCKOUT.ofUser; tries += 1)
      await authenticator.byPassword("ada", "wrong", "192.0.2.1").catch(() => undefined);
    assert.ok(await authenticator.byPassword("ada", RIGHT, "192.0.2.99"));
    for (let tries = 0; tries < LOCKOUT.ofUser; tries += 1) {
      const source = `198.51.100.${Math.floor(tries / LOCKOUT.ofUserAtSource)}`;
      await refused(authenticator.byPassword("ada", "wrong", source), "AuthenticationFailed");
    }
    await refused(authenticator.byPassword("ada", RIGHT, "192.0.2.99"), "AccountLocked");
    await failures.forget("ada");
    assert.equal(await failures.lockedUntil("ada"), undefined);
    assert.ok(await authenticator.byPassword("ada", RIGHT, "198.51.100.0"));
  });

  it("locks a source after twenty failures, whatever the users", async () => {
    const { authenticator } = await instance();
    for (let tries = 0; tries < LOCKOUT.ofSource; tries += 1) {
      await authenticator.byPassword(`user${tries}`, "wrong", "192.0.2.7").catch(() => undefined);
    }
    await refused(authenticator.byPassword("ada", RIGHT, "192.0.2.7"), "AccountLocked");
    assert.ok(await authenticator.byPassword("ada", RIGHT, "192.0.2.8"));
  });

  it("counts tries side by side, each before its password is compared", async () => {
    const { authenticator } = await instance();
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => authenticator.byPassword("ada", index === 11 ? RIGHT : "wrong", "::1")),
    );
    assert.ok(tries.every(({ status }) => status === "rejected"));
  });

  it("takes equally long for unknown users, and longer after each failure of a source", async () => {
    const { authenticator, waits } = await instance();
    for (const user of ["ada", "nobody", "ada", "nobody", "x", "y"])
      await refused(authenticator.byPassword(user, "wrong", "::1"), "AuthenticationFailed");
    const seconds = waits.map((wait) => Math.ceil(wait / 1000));
    assert.deepEqual(seconds, [1, 2, 4, 8, 8, 8], "all but what the comparison took");
  });

  it("does not unlock by a clock that moves back, nor lock for longer than its time", async () => {
    const { authenticator, clock } = await instance();
    for (let tries = 0; tries < LOCKOUT.ofUserAtSource; tries += 1)
      await refused(authenticator.byPassword("ada", "wrong", "::1"), "AuthenticationFailed");
    clock.advance(-86_400);
    await refused(authenticator.byPassword("ada", RIGHT, "::1"), "AccountLocked");
  });

  it("removes failures that no longer count", async () => {
    const { authenticator, failures, store, clock } = await instance();
    await refused(authenticator.byPassword("nobody", "wrong", "::1"), "AuthenticationFailed");
    assert.equal((await store.list("failures/")).length, 3);
    await failures.removeOld();
    assert.equal((await store.list("failures/")).length, 3);
    clock.advance(LOCKOUT.forMs / 1000);
    await failures.removeOld();
    assert.deepEqual(await store.list("failures/"), []);
  });
});
