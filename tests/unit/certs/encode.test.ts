import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBits, decodeOid, decodeTime, readElement, readWhole, TAG } from "../../../certs/der";
import { encodeNamedBits, encodeOid, encodeSmallInteger, encodeTime, encodeUnsigned } from "../../../certs/encode";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("certs/encode", () => {
  it("writes object identifiers, which read back", () => {
    assert.equal(hex(encodeOid("2.5.4.3")), "0603550403");
    assert.equal(hex(encodeOid("1.2.840.113549.1.1.11")), "06092a864886f70d01010b");
    assert.equal(hex(encodeOid("2.999.3")), "0603883703");
    const arcs = fc.tuple(fc.constantFrom("0.39", "1.3", "2.5", "2.999"), fc.array(fc.nat(), { maxLength: 6 }));
    fc.assert(
      fc.property(arcs, ([root, more]) => {
        const dotted = [root, ...more].join(".");
        assert.equal(decodeOid(readWhole(encodeOid(dotted), TAG.oid).content), dotted);
      }),
    );
    for (const wrong of ["", "1", "3.1", "1.02", "1.a"]) assert.throws(() => encodeOid(wrong), TypeError, wrong);
  });

  it("writes integers in their shortest form, never negative", () => {
    const table = [
      ["00", "020100"],
      ["0000", "020100"],
      ["7f", "02017f"],
      ["80", "02020080"],
      ["000080", "02020080"],
      ["0100", "02020100"],
    ] as const;
    for (const [magnitude, der] of table) assert.equal(hex(encodeUnsigned(Buffer.from(magnitude, "hex"))), der);
    assert.equal(hex(encodeSmallInteger(300)), "0202012c");
  });

  it("leaves trailing zero bits out of named bits", () => {
    assert.equal(hex(encodeNamedBits([true, false, false])), "03020780");
    assert.equal(hex(encodeNamedBits([false, false, false, false, false, true, true])), "03020106");
    assert.equal(hex(encodeNamedBits([])), "030100");
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 20 }), (bits) => {
        const back = decodeBits(readWhole(encodeNamedBits(bits), TAG.bitString).content);
        assert.deepEqual(back, bits.slice(0, bits.lastIndexOf(true) + 1));
      }),
    );
  });

  it("writes times as they are read, with GeneralizedTime from 2050", () => {
    assert.equal(encodeTime(new Date("2049-12-31T23:59:59Z"))[0], TAG.utcTime);
    assert.equal(encodeTime(new Date("2050-01-01T00:00:00Z"))[0], TAG.generalizedTime);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }), (seconds) => {
        const moment = new Date(seconds * 1000);
        assert.deepEqual(decodeTime(readElement(encodeTime(moment))), moment);
      }),
    );
  });
});
