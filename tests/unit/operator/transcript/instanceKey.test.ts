import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fingerprintOfFile,
  openInstanceKey,
  publishedFingerprints,
  publishInstanceKey,
} from "../../../../operator/transcript/instanceKey";
import { testInstanceKey, testInstances } from "../../../cast/operator/instances";
import { openSsh } from "../../../cast/operator/openSsh";

describe("the key of an instance", () => {
  const folder = mkdtempSync(join(tmpdir(), "instance-key-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("stays, and its private half is its user's alone", () => {
    const first = openInstanceKey(join(folder, "kept"), "one");
    const second = openInstanceKey(join(folder, "kept"), "one");
    assert.equal(second.publicKey, first.publicKey);
    assert.equal(statSync(join(folder, "kept", "instance.key")).mode & 0o777, 0o600);
  });

  it("has the fingerprint that ssh-keygen prints", () => {
    const { fingerprint, publicKey } = openInstanceKey(join(folder, "printed"), "one");
    const file = join(folder, "printed", "instance.pub");
    assert.equal(readFileSync(file, "utf8"), `${publicKey} one\n`);
    openSsh();
    const printed = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" });
    assert.equal(printed.split(" ")[1], fingerprint);
    assert.equal(fingerprintOfFile(readFileSync(file, "utf8")), fingerprint);
    const pem = execFileSync("openssl", ["pkey", "-in", join(folder, "printed", "instance.key"), "-pubout"], {
      encoding: "utf8",
    });
    assert.equal(fingerprintOfFile(pem), fingerprint);
  });

  it("is refused where its file is damaged, with the file's name", () => {
    openInstanceKey(join(folder, "damaged"), "one");
    writeFileSync(join(folder, "damaged", "instance.key"), "no key");
    assert.throws(() => openInstanceKey(join(folder, "damaged"), "one"), {
      code: "StoreUnavailable",
      message: /instance\.key/,
    });
  });

  it("refuses public keys of other kinds", () => {
    const rsa = execFileSync("openssl", ["genpkey", "-algorithm", "X25519"], { encoding: "utf8" });
    const other = execFileSync("openssl", ["pkey", "-pubout"], { encoding: "utf8", input: rsa });
    for (const text of ["", "ssh-rsa AAAA", "ssh-ed25519 AAAA", other]) {
      assert.throws(() => fingerprintOfFile(text), TypeError, text);
    }
  });

  it("is published beside the earlier keys of its name", async () => {
    const instances = testInstances();
    const { store, instance } = await instances.add("one");
    await publishInstanceKey(store, instance);
    const next = testInstanceKey("one");
    await publishInstanceKey(store, next);
    assert.deepEqual(await publishedFingerprints(store), new Set([instance.fingerprint, next.fingerprint]));
    await instances.close();
  });
});
