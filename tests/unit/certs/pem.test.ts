import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64, looksLikePem, parsePem, toPem } from "../../../certs/pem";

describe("certs/pem", () => {
  it("reads back what it writes, in a bundle with comments and either line end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (ders, crlf) => {
          const text = ders.map((der, index) => `subject=CN = ${index}\n${toPem("CERTIFICATE", der)}`).join("\n");
          const blocks = parsePem(crlf ? text.replaceAll("\n", "\r\n") : text);
          assert.deepEqual(
            blocks.map(({ base64 }) => new Uint8Array(decodeBase64(base64))),
            ders,
          );
          assert.ok(blocks.every(({ label }) => label === "CERTIFICATE"));
        },
      ),
    );
  });

  it("writes lines of 64 characters and one line break at the end", () => {
    const lines = toPem("X", Buffer.alloc(100)).split("\n");
    assert.deepEqual(
      lines.map((line) => line.length),
      [17, 64, 64, 8, 15, 0],
    );
  });

  it("leaves the headers of an old encrypted key out of the body and in the text", () => {
    const text =
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    const [block] = parsePem(text);
    assert.equal(block?.base64, "AAAA");
    assert.equal(block?.text, `${text}\n`);
  });

  it("finds no block in other text, and refuses a block without its end", () => {
    assert.deepEqual(parsePem("no block here"), []);
    assert.equal(looksLikePem("no block here"), false);
    for (const text of ["-----BEGIN X-----\nAAAA", "-----BEGIN X", "-----BEGIN X-----\nAAAA\n-----END Y-----"]) {
      assert.throws(() => parsePem(text), { code: "malformed", message: "A PEM block begins and does not end" });
    }
  });

  it("decodes base64 strictly, with or without padding", () => {
    assert.deepEqual(decodeBase64(" TQ==\n"), Buffer.from("M"));
    assert.deepEqual(decodeBase64("TQ"), Buffer.from("M"));
    for (const text of ["", "T!Q=", "T"]) {
      assert.throws(() => decodeBase64(text), { code: "malformed", message: "The text is not base64" });
    }
    assert.throws(() => decodeBase64("TQ-_"), { code: "malformed", message: /base64url, not base64/ });
  });
});
