import "reflect-metadata";
import assert from "node:assert/strict";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { encodeElement } from "../../../certs/der";
import { commonNameError, commonNameOf, formatName, matchKey, nameOf, parseName } from "../../../certs/names";
import { anyCharacter } from "../../cast/anyCharacter";

const CN = "2.5.4.3";

function derName(values: readonly [tag: number, content: Buffer][]): Buffer {
  const oid = Buffer.from("0603550403", "hex");
  return encodeElement(
    0x30,
    Buffer.concat(
      values.map(([tag, content]) =>
        encodeElement(0x31, encodeElement(0x30, Buffer.concat([oid, encodeElement(tag, content)]))),
      ),
    ),
  );
}

describe("certs/names", () => {
  it("counts 1 to 64 characters, not bytes", () => {
    assert.equal(commonNameError("x"), undefined);
    assert.equal(commonNameError("ä".repeat(64)), undefined);
    assert.equal(commonNameError("😀".repeat(64)), undefined);
    assert.match(commonNameError("") ?? "", /at least 1 character .*ub-common-name/);
    assert.match(commonNameError("x".repeat(65)) ?? "", /at most 64 characters, this one 65 .*ub-common-name/);
  });

  it("refuses control characters and lone surrogates", () => {
    for (const name of ["a\0b", "a\nb", "\x7f"]) {
      assert.equal(commonNameError(name), "a common name has no control characters");
    }
    assert.equal(commonNameError("a\ud800"), "a common name is well-formed Unicode");
  });

  it("writes subjects as RFC 4514 asks", () => {
    const table = [
      ["device-01", "CN=device-01"],
      ["a,b+c", "CN=a\\,b\\+c"],
      [" edge ", "CN=\\ edge\\ "],
      ["#1", "CN=\\#1"],
      ["a\u001b[2J\r\n", "CN=a\\1B[2J\\0D\\0A"],
      ["a\u009b\u202eb", "CN=a\\C2\\9B\\E2\\80\\AEb"],
      ['say "x"; <y>=\\', 'CN=say \\"x\\"\\; \\<y\\>\\=\\\\'],
    ] as const;
    for (const [value, subject] of table) assert.equal(formatName([[{ oid: CN, value }]]), subject);
  });

  it("shows the most specific part first and unknown types by OID", () => {
    const rdns = [
      [{ oid: "2.5.4.6", value: "SE" }],
      [{ oid: "1.2.3", value: "x" }],
      [
        { oid: CN, value: "a" },
        { oid: "2.5.4.5", value: "7" },
      ],
    ];
    assert.equal(formatName(rdns), "CN=a+serialNumber=7, 1.2.3=x, C=SE");
  });

  it("reads any text back from UTF-8 and UTF-16 values", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 100 }), (text) => {
        const utf8 = parseName(derName([[0x0c, Buffer.from(text, "utf8")]]));
        assert.equal(commonNameOf(utf8), text);
        const utf16 = parseName(derName([[0x1e, Buffer.from(text, "utf16le").swap16()]]));
        assert.equal(commonNameOf(utf16), text);
      }),
    );
  });

  it("writes a PrintableString where its characters suffice, else a UTF8String, and reads back either", () => {
    const encoded = (text: string): Buffer => Buffer.from(new x509.Name(nameOf(text)).toArrayBuffer());
    assert.equal(
      encoded("device-01").toString("hex"),
      `30143112301006035504031309${Buffer.from("device-01").toString("hex")}`,
    );
    assert.equal(encoded("a_b").toString("hex"), "300e310c300a06035504030c03615f62");
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 200 }), (text) => {
        assert.equal(commonNameOf(parseName(encoded(text))), text);
      }),
    );
  });

  it("takes no common name from a subject with none or two", () => {
    assert.equal(commonNameOf([]), undefined);
    const two = parseName(
      derName([
        [0x0c, Buffer.from("a")],
        [0x0c, Buffer.from("b")],
      ]),
    );
    assert.equal(commonNameOf(two), undefined);
  });

  it("matches names as RFC 5280, 7.1: case, blanks and string type do not count, order does", () => {
    const key = (...values: string[]) => matchKey(values.map((value) => [{ oid: CN, value }]));
    assert.equal(key("My  Root "), key("my root"));
    assert.notEqual(key("a", "b"), key("b", "a"));
    const part = (...values: string[]) => matchKey([values.map((value) => ({ oid: CN, value }))]);
    assert.equal(part("a", "b"), part("b", "a"), "within one part there is no order");
    assert.notEqual(part("a", "b"), key("a", "b"));
    assert.notEqual(key("a"), key("b"));
    assert.notEqual(key('a"],["b'), key("a", "b"));
  });
});
