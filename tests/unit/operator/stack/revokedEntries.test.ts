import { strict as assert } from "node:assert";
import { registrationEntry, revokesRegistration, revokesThumbprint } from "../../../../operator/stack/revokedEntries";

const SHA1 = "0123456789ABCDEF0123456789ABCDEF01234567";

describe("operator/stack/revokedEntries", () => {
  it("finds a thumbprint in each form that the configuration takes", () => {
    const pairs = SHA1.match(/../g)?.join(":") ?? "";
    for (const entry of [SHA1.toLowerCase(), pairs, `SHA1 Fingerprint=${pairs}`, `\u200e${pairs}`]) {
      assert.ok(revokesThumbprint(entry, SHA1), entry);
      assert.ok(!revokesRegistration(entry, entry), entry);
    }
    assert.ok(!revokesThumbprint(`id=${SHA1}`, SHA1));
  });

  it("writes id=ID where the configuration would read a number, a Boolean or a thumbprint, also a mistyped one", () => {
    const mistyped = `O${SHA1.slice(1)}`;
    for (const id of ["12", "1e5", "true", SHA1, mistyped]) assert.equal(registrationEntry(id), `id=${id}`);
    for (const id of ["group-device-01", "sensor:1"]) assert.equal(registrationEntry(id), id);
    assert.ok(revokesRegistration("id=Group-Device-01", "group-device-01"));
  });
});
