import { strict as assert } from "node:assert";
import { malformedThumbprintReason, thumbprintOf } from "../../../certs/thumbprintText";

const SHA1 = "0123456789ABCDEF0123456789ABCDEF01234567";
const SHA256 = "AB".repeat(32);
const pairs = (digits: string, between: string) => digits.match(/../g)?.join(between) ?? "";

describe("certs/thumbprintText", () => {
  it("reads the forms that openssl, Windows and Azure print", () => {
    for (const digits of [SHA1, SHA256]) {
      for (const text of [
        digits,
        digits.toLowerCase(),
        pairs(digits, ":"),
        pairs(digits, " "),
        `SHA1 Fingerprint=${pairs(digits, ":")}`,
        `sha256 Fingerprint=${pairs(digits, ":")}\n`,
        `SHA-256 fingerprint: ${digits}`,
        `Thumbprint: ${digits}`,
        `\u200e${pairs(digits, " ").toLowerCase()}`,
        ` ${digits}\ufeff`,
      ]) {
        assert.equal(thumbprintOf(text), digits, text);
      }
    }
  });

  it("refuses what is almost a thumbprint, with what is wrong", () => {
    const table: [string, RegExp][] = [
      [SHA1.slice(1), /39 digits/],
      [SHA1.slice(2), /38 digits/],
      [`${SHA1}0`, /41 digits/],
      [`${SHA1}00`, /42 digits/],
      [SHA256.slice(2), /62 digits/],
      [`${SHA256}a`, /65 digits/],
      [pairs(SHA1.slice(2), ":"), /38 digits/],
      [pairs(SHA256.slice(20), ":"), /44 digits/],
      [`SHA1 Fingerprint=${pairs(SHA1.slice(2), ":")}`, /38 digits/],
      [`MD5 Fingerprint=${pairs(SHA1.slice(0, 32), ":")}`, /32 digits/],
      [`O${SHA1.slice(1)}`, /no hexadecimal/],
      [pairs(`l${SHA1.slice(1)}`, ":"), /no hexadecimal/],
    ];
    for (const [text, reason] of table) {
      assert.equal(thumbprintOf(text), undefined, text);
      assert.match(malformedThumbprintReason(text) ?? "", reason, text);
      assert.match(malformedThumbprintReason(text) ?? "", /id=ID/, text);
    }
  });

  it("takes registration IDs for what they are", () => {
    const ids = [
      "device-01",
      "AB:CD",
      "0a:1b:2c:3d:4e:5f",
      "550e8400-e29b-41d4-a716-446655440000",
      "550e8400e29b41d4a716446655440000",
      "fingerprint-reader-01",
      "thumbprint:dev-1",
      "a-device-with-an-id-of-forty-characters-",
      "sensor.factory.berlin.building7.floor2.x",
      "no good",
    ];
    for (const id of ids)
      assert.deepEqual([thumbprintOf(id), malformedThumbprintReason(id)], [undefined, undefined], id);
  });
});
