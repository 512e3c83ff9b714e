import "reflect-metadata";
import assert from "node:assert/strict";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, KeyUsage, Time } from "@peculiar/asn1-x509";
import fc from "fast-check";
import {
  decodeBits,
  decodeOid,
  decodeSmallInteger,
  decodeString,
  decodeTime,
  encodeElement,
  readChildren,
  readElement,
  readWhole,
} from "../../../certs/der";
import { CertsError } from "../../../certs/errors";

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ""), "hex");
const time = (tag: number, text: string) => decodeTime({ tag, content: Buffer.from(text), raw: Buffer.alloc(0) });

describe("certs/der", () => {
  it("reads elements with short and long lengths", () => {
    assert.deepEqual(readElement(hex("04 02 aabb 00")).content, hex("aabb"));
    const long = Buffer.concat([hex("30 81 80"), Buffer.alloc(128)]);
    assert.equal(readWhole(long, 0x30).content.length, 128);
    assert.deepEqual(
      readChildren(hex("0101ff 0500")).map(({ tag }) => tag),
      [1, 5],
    );
  });

  it("reads back what it writes, over all forms of the length", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 0x1000000]) {
      const content = Buffer.alloc(length, 7);
      assert.ok(readWhole(encodeElement(0x04, content), 0x04).content.equals(content));
    }
    assert.deepEqual(encodeElement(0x30, Buffer.alloc(256)).subarray(0, 4), hex("30820100"));
  });

  it("refuses bytes that are not DER", () => {
    const table = [
      ["", "the input ends inside an element"],
      ["30", "the input ends inside an element"],
      ["3080 0000", "an indefinite or oversized length"],
      ["3085 0000000001 00", "an indefinite or oversized length"],
      ["3082 01", "the input ends inside a length"],
      ["3081 01 00", "a length that is not minimal"],
      ["3082 0080", "a length that is not minimal"],
      ["3002 00", "an element is longer than its input"],
      ["1f01 00", "a tag of several bytes"],
      ["0500 00", "bytes after the end"],
    ] as const;
    for (const [input, message] of table) {
      assert.throws(() => readWhole(hex(input)), { code: "malformed", message: `Malformed DER: ${message}` }, input);
    }
    assert.throws(() => readWhole(hex("0500"), 0x30), { message: "Malformed DER: tag 0x5 where 0x30 belongs" });
  });

  it("fails only with `malformed`, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const readers = [readWhole, decodeOid, decodeBits, decodeSmallInteger, readChildren];
        for (const read of readers) {
          try {
            read(Buffer.from(bytes));
          } catch (error) {
            assert.ok(error instanceof CertsError && error.code === "malformed");
          }
        }
      }),
    );
  });

  it("reads object identifiers", () => {
    assert.equal(decodeOid(hex("550403")), "2.5.4.3");
    assert.equal(decodeOid(hex("2a864886f70d01010b")), "1.2.840.113549.1.1.11");
    assert.equal(decodeOid(hex("883703")), "2.999.3");
    assert.throws(() => decodeOid(hex("5584")), { code: "malformed" });
  });

  it("reads times as RFC 5280 writes them, with the turn of the century at 50", () => {
    assert.equal(time(0x17, "491231235959Z").toISOString(), "2049-12-31T23:59:59.000Z");
    assert.equal(time(0x17, "500101000000Z").toISOString(), "1950-01-01T00:00:00.000Z");
    assert.equal(time(0x18, "99991231235959Z").toISOString(), "9999-12-31T23:59:59.000Z");
    for (const text of ["260230000000Z", "260101240000Z", "2601010000Z", "260101000000+0100", "261301000000Z"]) {
      assert.throws(() => time(0x17, text), { code: "malformed" }, text);
    }
    assert.throws(() => time(0x18, "20260101000000.5Z"), { code: "malformed" });
    assert.throws(() => time(0x0c, "260101000000Z"), { code: "malformed" });
  });

  it("reads every moment back from its two forms", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2049, 11, 31) }), (milliseconds) => {
        const iso = new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
        const digits = iso.slice(0, 19).replace(/\D/g, "");
        assert.equal(time(0x18, `${digits}Z`).toISOString(), iso);
        assert.equal(time(0x17, `${digits.slice(2)}Z`).toISOString(), iso);
      }),
    );
  });

  it("reads object identifiers in linear time", () => {
    const arcs = (bytes: number) => Buffer.concat([Buffer.alloc(bytes, 0xff), hex("01")]);
    // The longest arcs of the field are UUIDs below 2.25, 19 bytes (X.667).
    assert.equal(decodeOid(Buffer.concat([hex("69"), arcs(18)])), `2.25.${2n ** 133n - 127n}`);
    assert.throws(() => decodeOid(arcs(2_000_000)), {
      message: /^Malformed DER: .*object identifier .*too long$/,
    });
  });

  it("reads the string types of names in the field, UCS-4 among them", () => {
    const text = (tag: number, content: string) => decodeString({ tag, content: hex(content), raw: hex("") });
    assert.equal(text(0x1c, "00000041 0001f600"), "A\u{1f600}");
    assert.deepEqual([text(0x12, "3037"), text(0x1a, "41")], ["07", "A"]);
    for (const wrong of ["000041", "00110000", "0000d800"])
      assert.throws(() => text(0x1c, wrong), { code: "malformed" }, wrong);
  });

  it("refuses a string type that no name has", () => {
    assert.throws(() => decodeString({ tag: 0x02, content: hex("01"), raw: hex("020101") }), {
      message: "Malformed DER: a name's value of tag 0x2",
    });
    assert.throws(() => decodeString({ tag: 0x1e, content: hex("01"), raw: hex("1e0101") }), { code: "malformed" });
  });

  it("reads the object identifiers, times and key usages that @peculiar/asn1-x509 writes", () => {
    const written = (value: unknown): Buffer => Buffer.from(AsnConvert.serialize(value));
    const arcs = fc.tuple(fc.constantFrom("0.39", "1.3", "2.5"), fc.array(fc.nat(), { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(arcs, ([root, more]) => {
        const dotted = [root, ...more].join(".");
        const oid = readChildren(readWhole(written(new AlgorithmIdentifier({ algorithm: dotted }))).content)[0];
        assert.equal(decodeOid(oid?.content ?? Buffer.alloc(0)), dotted);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }), (seconds) => {
        const moment = new Date(seconds * 1000);
        assert.deepEqual(decodeTime(readElement(written(new Time(moment)))), moment);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 511 }), (flags) => {
        const bits = decodeBits(readWhole(written(new KeyUsage(flags))).content);
        assert.equal(
          bits.reduce((all, bit, index) => all | (bit ? 1 << index : 0), 0),
          flags,
        );
      }),
    );
  });
});
