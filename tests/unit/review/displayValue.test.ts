import { strict as assert } from "node:assert";
import { code, codes, prose, redacted, shown } from "../../../review/displayValue";
import { UNKNOWN } from "../../../review/previewDocument";
import { recordedPreview } from "../../cast/previews";

describe("review/displayValue", () => {
  it("shows a value on one line, with sorted keys", () => {
    assert.equal(shown("sku", { name: "S1", capacity: 1 }), '{"capacity":1,"name":"S1"}');
    assert.equal(shown("x", undefined), "(not set)");
    assert.equal(shown("x", null), "(not set)");
    assert.equal(shown("x", "two\nlines"), '"two\\nlines"');
    assert.equal(shown("x", { a: UNKNOWN }), '{"a":"(known after up)"}');
    assert.equal(shown("x", "y".repeat(200)), `"${"y".repeat(119)}… (202 characters)`);
  });

  it("keeps back secrets, marked or not, at every depth", () => {
    assert.equal(shown("privateKey", "[secret]"), "[secret]");
    assert.equal(shown("primaryKey", "c2VjcmV0"), '"[secret]"');
    assert.equal(
      shown("properties", { iotHubs: [{ connectionString: "HostName=h;SharedAccessKey=abc" }] }),
      '{"iotHubs":[{"connectionString":"[secret]"}]}',
    );
    assert.equal(shown("keyAlgorithm", "EC-P256"), '"EC-P256"');
    assert.equal(shown("tokenLifetime", 3), "3");
  });

  it("cuts keys, signatures and tokens out of texts", () => {
    const key = "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----";
    assert.equal(redacted(`a ${key} b`), "a [secret] b");
    assert.equal(
      redacted("HostName=h;SharedAccessKeyName=n;SharedAccessKey=abc="),
      "HostName=h;SharedAccessKeyName=n;SharedAccessKey=[secret]",
    );
    assert.equal(redacted("https://h/x?code=abc&sig=d%3D"), "https://h/x?code=[secret]&sig=[secret]");
    assert.equal(redacted("Authorization: Bearer eyJhbGciOi.J9"), "Authorization: Bearer [secret]");
    assert.equal(redacted("-----BEGIN PRIVATE KEY-----\nMHc"), "[secret]");
  });

  it("shows a certificate's subject and expiry", () => {
    const root = recordedPreview("rootReplaced").steps.find(({ urn }) => urn.endsWith("zero-touch-root"));
    const pem = String(root?.oldState?.inputs?.certificate);
    assert.match(
      shown("certificate", pem),
      /^certificate of "Zero Touch Root CA", [0-9A-F]{40}, until \d{4}-\d\d-\d\d$/,
    );
    assert.match(shown("certificateChain", pem + pem), / and 1 above it$/);
    assert.equal(
      shown("x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
      "an unreadable certificate",
    );
  });

  it("shows tags and mentions in a sentence, and lets neither work", () => {
    assert.equal(prose("run `pulumi up`\n <b>@all</b>"), "run `pulumi up` &#60;b&#62;&#64;all&#60;/b&#62;");
  });

  it("writes names of any making as code", () => {
    assert.equal(code("a"), "`a`");
    assert.equal(code("a`b"), "``a`b``");
    assert.equal(code("`a`"), "`` `a` ``");
    assert.equal(code("a`"), "`` a` ``");
    assert.equal(code(" `a b"), "`` `a b ``");
    assert.equal(prose("  a\n b "), "a b");
    assert.equal(code("two\nlines <b> @all"), "`two lines <b> @all`");
    assert.equal(code(" "), "(empty)");
    assert.equal(codes(["b", "a", "b"]), "`a`, `b`");
    assert.equal(codes(["c", "b", "a"], 2), "`a`, `b` and 1 more");
  });
});
