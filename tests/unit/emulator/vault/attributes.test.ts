import assert from "node:assert/strict";
import { type Request, WireError } from "../../../../emulator/kernel/operation";
import { readAttributes, readTags, recoveryLevelOf } from "../../../../emulator/vault/objects/objectAttributes";
import { readBody } from "../../../../emulator/vault/objects/objectRequest";
import { vaultRecord } from "../../../cast/vaultHarness";

/** The message of a refusal: by the schema or by code. */
function refusal(body: object): string {
  try {
    const { attributes } = readBody({ body } as Request, "keyVault.updateSecret");
    readAttributes(attributes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { code, message } = (error.body as { error: { code: string; message: string } }).error;
    assert.deepEqual([error.status, code], [400, "BadParameter"]);
    return message;
  }
  throw new Error("no refusal");
}

describe("attributes and tags of a vault's objects", () => {
  it("are read from the body: null is absent, and read-only members are ignored", () => {
    for (const none of [undefined, null, {}, { enabled: null, nbf: null, exp: null }, { created: 5, updated: 6 }])
      assert.deepEqual(readAttributes(none), {});
    assert.deepEqual(readAttributes({ enabled: false, nbf: 0, exp: 1, created: 5 }), {
      enabled: false,
      nbf: 0,
      exp: 1,
    });
  });

  it("are refused with a wrong type, or with exp before nbf", () => {
    for (const attributes of [[], "x", 5]) assert.match(refusal({ attributes }), /attributes must be an object/);
    assert.match(refusal({ attributes: { enabled: "true" } }), /attributes\.enabled must be true or false, not "true"/);
    for (const name of ["nbf", "exp"])
      for (const value of [-1, 1.5, "5", true])
        assert.match(
          refusal({ attributes: { [name]: value } }),
          new RegExp(`attributes\\.${name} must be (a whole number|from 0 to)`),
        );
    for (const exp of [5, 4])
      assert.match(refusal({ attributes: { nbf: 5, exp } }), /attributes\.exp must be later than attributes\.nbf/);
  });

  it("have the vault's recovery level", () => {
    const level = (softDeleteRetentionInDays: number, enablePurgeProtection: boolean) =>
      recoveryLevelOf(vaultRecord("v", { softDeleteRetentionInDays, enablePurgeProtection }));
    assert.equal(level(90, false), "Recoverable+Purgeable");
    assert.equal(level(90, true), "Recoverable");
    assert.equal(level(89, false), "CustomizedRecoverable+Purgeable");
    assert.equal(level(7, true), "CustomizedRecoverable");
  });

  it("have at most 15 tags of at most 256 characters, names and values", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, ""]));
    for (const none of [undefined, null]) assert.equal(readTags(none), undefined);
    const longest = { [`n${"a".repeat(255)}`]: "v".repeat(256) };
    for (const tags of [{}, many(15), longest]) assert.deepEqual(readTags(tags), tags);
    assert.equal(refusal({ tags: many(16) }), "Property tags must have at most 15 members.");
    for (const tags of [{ ["n".repeat(257)]: "" }, { n: "v".repeat(257) }])
      assert.match(refusal({ tags }), /^Property tags(\.n)? must .* at most 256 characters\.$/);
    for (const tags of [[], "x", { a: 1 }, { a: null }, { a: "x", b: {} }])
      assert.match(refusal({ tags }), /tags must be an object|tags\.[ab] (must be a string|is required)/);
  });
});
