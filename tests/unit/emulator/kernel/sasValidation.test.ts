import { strict as assert } from "node:assert";
import fc from "fast-check";
import { createSas } from "../../../../azure/sas";
import { covers, validateSas } from "../../../../emulator/kernel/authorizeCaller";
import { etagMatches } from "../../../../emulator/kernel/etag";

const KEY = Buffer.from("k".repeat(32)).toString("base64");
const POLICY = { keyName: "owner", primaryKey: KEY, secondaryKey: "", rights: ["RegistryRead"] };
const REQUIREMENTS = { resource: "a.b.net/devices/x", policies: [POLICY], rights: ["RegistryRead"], at: 1000 };

describe("shared access signatures", () => {
  it("cover a resource and everything below it, by whole segments", () => {
    assert.ok(covers("A.b.net", "a.B.net/devices/x"));
    assert.ok(covers("a.b.net/devices/x", "a.b.net/devices/x"));
    assert.ok(covers("https://a.b.net/", "a.b.net"));
    assert.ok(!covers("a.b.net/devices/x", "a.b.net/devices/xy"));
    assert.ok(!covers("a.b.net/devices/x", "a.b.net/devices"));
    assert.ok(!covers("a.b.net/devices/X", "a.b.net/devices/x"), "device IDs are case-sensitive");
    assert.ok(!covers("", "a.b.net"));
  });

  it("are valid until their expiry", () => {
    const judge = (expiry: number) => validateSas(createSas("a.b.net", KEY, expiry, "owner"), REQUIREMENTS);
    assert.deepEqual([judge(1001), judge(1000), judge(999)], [undefined, "expired", "expired"]);
  });

  it("are refused when the expiry, the resource or a byte of the signature was changed", () => {
    const good = createSas("a.b.net", KEY, 2000, "owner");
    assert.equal(validateSas(good, REQUIREMENTS), undefined);
    const longer = fc.integer({ min: 2001, max: 2 ** 40 }).map((expiry) => good.replace("se=2000", `se=${expiry}`));
    const other = fc
      .constantFrom("a.b.net%2Fdevices", "A.b.net", "a.b.net%2F")
      .map((each) => good.replace("a.b.net", each));
    const changedByte = fc.tuple(fc.nat(31), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
      const signature = decodeURIComponent(/sig=([^&]*)/.exec(good)?.[1] ?? "");
      const bytes = Buffer.from(signature, "base64");
      bytes[at] = (bytes[at] ?? 0) ^ bits;
      return good.replace(/sig=[^&]*/, `sig=${encodeURIComponent(bytes.toString("base64"))}`);
    });
    fc.assert(
      fc.property(fc.oneof(longer, other, changedByte), (changed) => {
        assert.equal(validateSas(changed, REQUIREMENTS), "signature", changed);
      }),
    );
  });

  it("are refused with the reason", () => {
    const signed = createSas("a.b.net", KEY, 2000, "owner");
    assert.equal(validateSas("Bearer x", REQUIREMENTS), "malformed");
    assert.equal(validateSas(signed, { ...REQUIREMENTS, resource: "c.d.net" }), "resource");
    assert.equal(validateSas(createSas("a.b.net", KEY, 2000), REQUIREMENTS), "policy");
    assert.equal(validateSas(createSas("a.b.net", KEY.toUpperCase(), 2000, "owner"), REQUIREMENTS), "signature");
    assert.equal(validateSas(signed, { ...REQUIREMENTS, rights: ["RegistryWrite"] }), "rights");
  });

  it("are never valid with an empty key", () => {
    assert.equal(validateSas(createSas("a.b.net", "", 2000, "owner"), REQUIREMENTS), "signature");
  });
});

describe("ETags", () => {
  const tags = fc.stringMatching(/^[0-9a-zA-Z=/+-]{1,40}$/);

  it("may begin like a weak one's prefix", () => {
    assert.ok(etagMatches("W/+", '"W/+"'));
    assert.ok(!etagMatches("W/+", '"+"'));
  });

  it("match themselves in any quotation marks, and *", () => {
    fc.assert(
      fc.property(tags, (tag) => {
        for (const form of [
          tag,
          `"${tag}"`,
          `""${tag}""`,
          `W/"${tag}"`,
          ` "${tag}" `,
          "*",
          '"*"',
          `"other", "${tag}"`,
        ]) {
          assert.ok(etagMatches(form, tag), form);
          assert.ok(etagMatches(form, `"${tag}"`), form);
        }
      }),
    );
  });

  it("match nothing else", () => {
    fc.assert(
      fc.property(tags, tags, (one, other) => {
        fc.pre(one.replace(/^W\//, "") !== other.replace(/^W\//, ""));
        assert.ok(!etagMatches(one, other));
        assert.ok(!etagMatches(`"${one}"`, other));
      }),
    );
    assert.ok(!etagMatches("", "tag"));
  });
});
