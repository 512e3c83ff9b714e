import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Database } from "../../../../emulator/kernel/database";
import { opensVaults, VaultObjectStore } from "../../../../emulator/vault/objects/vaultObjectStore";
import { newSealingKey, openSealingKey, Sealer } from "../../../../emulator/vault/sealer";
import { testDependencies } from "../../../cast/testDependencies";

describe("sealing", () => {
  const sealer = new Sealer(newSealingKey());
  const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));

  it("opens sealed bytes only with the same label and key", () => {
    const other = new Sealer(newSealingKey());
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (clear, label, another) => {
        const sealed = sealer.seal(clear, label);
        assert.deepEqual(sealer.open(sealed, label), clear);
        assert.equal(other.open(sealed, label), undefined);
        if (another !== label) assert.equal(sealer.open(sealed, another), undefined);
      }),
    );
  });

  it("opens no damaged or truncated bytes", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (clear, at) => {
        const sealed = sealer.seal(clear, "a");
        const damaged = Buffer.from(sealed);
        const index = at % damaged.length;
        damaged.writeUInt8(damaged.readUInt8(index) ^ 1, index);
        assert.equal(sealer.open(damaged, "a"), undefined);
        assert.equal(sealer.open(sealed.subarray(0, index), "a"), undefined);
      }),
    );
  });

  it("never produces the same sealed bytes twice", () => {
    assert.notDeepEqual(sealer.seal(Buffer.from("a"), ""), sealer.seal(Buffer.from("a"), ""));
  });

  it("takes keys of 32 bytes", () => {
    assert.throws(() => new Sealer(Buffer.alloc(16)), /32 bytes, not 16/);
  });
});

describe("the sealing key and the state folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vault-key-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is created once, readable by its owner only, and refused if it is damaged", () => {
    const key = openSealingKey(folder);
    assert.equal(key.length, 32);
    assert.deepEqual(openSealingKey(folder), key);
    assert.equal(statSync(join(folder, "vault-key")).mode & 0o777, 0o600);
    writeFileSync(join(folder, "vault-key"), "short");
    assert.throws(() => openSealingKey(folder), /vault-key is damaged: a sealing key has 32 bytes/);
  });

  it("keeps material out of every file but for its sealed form, through versions, deletion and backup", () => {
    const services = { ...testDependencies(), database: new Database(join(folder, "state.db")) };
    const objects = new VaultObjectStore(services, new Sealer(openSealingKey(folder)));
    const secret = "correct-horse-battery-staple";
    const key = { vault: "v", kind: "secret", name: "a" } as const;
    const made = objects.add(key, { detail: { contentType: "seen" }, material: Buffer.from(secret) });
    objects.add(key, { detail: {}, material: Buffer.from(`${secret}-2`) });
    objects.remove(key, { retention: 7, settledAt: 0 });
    objects.recover(key, 0);
    assert.equal(objects.material(made).toString(), secret);
    services.database.close();
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    const holds = (text: string) =>
      files.some((file) => file.includes(text) || file.includes(Buffer.from(text).toString("base64").slice(0, -4)));
    assert.equal(holds(secret), false);
    assert.equal(holds("seen"), true, "the test looks where things are");
  });

  it("opens after a restart, and names another key in the error", () => {
    const file = join(folder, "state.db");
    const key = { vault: "v", kind: "secret", name: "a" } as const;
    const first = { ...testDependencies(), database: new Database(file) };
    new VaultObjectStore(first, new Sealer(openSealingKey(folder))).add(key, {
      detail: {},
      material: Buffer.from("x"),
    });
    first.database.close();
    const kept = readFileSync(join(folder, "vault-key"));
    const again = new Database(file);
    const opens = (candidate: Buffer) => opensVaults(again, candidate);
    rmSync(join(folder, "vault-key"));
    assert.throws(() => openSealingKey(folder, opens), {
      name: "StateFolderError",
      message: /vault-key .*missing.*secrets.*To fix: restore/,
    });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name === "vault-key"),
      [],
      "it is not made over the old one",
    );
    writeFileSync(join(folder, "vault-key"), newSealingKey().toString("base64"));
    assert.throws(() => openSealingKey(folder, opens), /another key/);
    writeFileSync(join(folder, "vault-key"), kept);
    openSealingKey(folder, opens);
    again.close();
    const second = { ...testDependencies(), database: new Database(file) };
    const objects = new VaultObjectStore(second, new Sealer(openSealingKey(folder)));
    const found = objects.find(key);
    assert.ok(found);
    assert.equal(objects.material(found).toString(), "x");
    const stranger = new VaultObjectStore(second, new Sealer(newSealingKey()));
    assert.throws(() => stranger.material(found), /secret a cannot be opened: vault-key is not the one/);
    second.database.close();
  });
});
