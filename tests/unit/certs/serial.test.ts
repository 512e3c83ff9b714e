import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_SERIAL_BYTES, randomSerials, serialHex } from "../../../certs/serial";

describe("certs/serial", () => {
  it("returns random serial numbers of 16 bytes that are positive without a sign byte", () => {
    const seen = new Set<string>();
    for (let count = 0; count < 500; count += 1) {
      const bytes = randomSerials.next();
      assert.equal(bytes.length, 16);
      assert.equal((bytes[0] ?? 0) & 0xc0, 0x40);
      seen.add(serialHex(bytes));
    }
    assert.equal(seen.size, 500);
  });

  it("keeps the number and drops leading zeros", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 159n) - 1n }), fc.nat({ max: 3 }), (number, zeros) => {
        const hex = number.toString(16);
        const bytes = Buffer.from("00".repeat(zeros) + (hex.length % 2 === 0 ? hex : `0${hex}`), "hex");
        const written = serialHex(bytes);
        assert.equal(BigInt(`0x${written}`), number);
        assert.ok(written.length % 2 === 0 && written.length <= 2 * MAX_SERIAL_BYTES);
        assert.ok(!written.startsWith("00"));
      }),
    );
  });

  it("refuses zero and numbers of more than 20 bytes with the sign byte", () => {
    assert.equal(serialHex(Buffer.alloc(20, 0x7f)).length, 40);
    const refused = [Buffer.alloc(0), Buffer.alloc(16), Buffer.alloc(20, 0x80), Buffer.alloc(21, 1)];
    for (const bytes of refused) assert.throws(() => serialHex(bytes), { name: "CertsError", code: "badSerial" });
    assert.throws(() => serialHex(Buffer.alloc(20, 0xff)), {
      message: /at most 20 bytes, this one 21 /,
    });
  });
});
