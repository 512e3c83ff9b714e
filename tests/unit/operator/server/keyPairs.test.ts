import { strict as assert } from "node:assert";
import { newKeyPair, type SshKeyPair } from "../../../../operator/server/hostKeys";

const blob = (pair: SshKeyPair): Buffer => Buffer.from(pair.public.split(" ")[1] ?? "", "base64");

describe("a key pair of SSH", () => {
  it("is Ed25519 or ECDSA, with its comment", () => {
    for (const type of ["ed25519", "ecdsa"] as const) {
      const pair = newKeyPair(type, "otto");
      assert.match(pair.private, /^-----BEGIN OPENSSH PRIVATE KEY-----/);
      assert.match(pair.public, / otto$/);
    }
  });

  it("is made again where the library cut a leading zero off the key", () => {
    const whole = newKeyPair("ed25519", "");
    const cut = Buffer.concat([blob(whole).subarray(0, 15), Buffer.from([0, 0, 0, 31]), blob(whole).subarray(20)]);
    const made = [{ private: "cut", public: `ssh-ed25519 ${cut.toString("base64")}` }, whole];
    assert.equal(
      newKeyPair("ed25519", "", () => made.shift() ?? assert.fail("no key is left")),
      whole,
    );
  });
});
