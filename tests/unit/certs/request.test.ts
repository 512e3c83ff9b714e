import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readChildren, readWhole } from "../../../certs/der";
import { decodeBase64, parsePem, toPem } from "../../../certs/pem";
import { createRequest, readRequest } from "../../../certs/request";
import { newSigner, OpenSsl } from "../../cast/certs";

describe("certs/request", () => {
  const openssl = new OpenSsl();
  after(() => openssl.dispose());

  for (const algorithm of ["EC-P256", "EC-P384", "RSA-2048"] as const) {
    it(`writes a request of ${algorithm} that openssl verifies, and reads it back`, async () => {
      const signer = await newSigner(algorithm);
      const pem = await createRequest({ commonName: "device-01", signer });
      const file = openssl.write("own.csr", pem);
      assert.equal(openssl.run("req", "-in", file, "-verify", "-noout", "-subject"), "subject=CN = device-01\n");
      const read = readRequest(pem);
      assert.deepEqual([read.commonName, read.subject], ["device-01", "CN=device-01"]);
      assert.ok(read.publicKey.equals(signer.publicKey));
    });
  }

  it("reads openssl's requests as PEM, DER and base64, and ignores the extensions that they request", () => {
    const conf = openssl.write("req.conf", "[req]\ndistinguished_name=dn\nstring_mask=utf8only\n[dn]\n");
    const more = ["-addext", "basicConstraints=CA:TRUE", "-subj", "/O=Contoso/CN=dev-é", "-utf8", "-config", conf];
    for (const [kind, digest] of [
      ["ec", "-sha512"],
      ["rsa", "-sha384"],
    ] as const) {
      const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem"];
      const key = kind === "ec" ? newKey : openssl.rsaKey();
      const pem = openssl.run("req", "-new", ...key, digest, ...more);
      openssl.write("in.csr", pem);
      openssl.run("req", "-in", "in.csr", "-outform", "DER", "-out", "in.der");
      const der = readFileSync(join(openssl.folder, "in.der"));
      const forms = [pem, pem.replaceAll("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"), Buffer.from(pem), der];
      for (const form of [...forms, der.toString("base64")]) {
        const read = readRequest(form);
        assert.equal(read.subject, "CN=dev-é, O=Contoso");
        assert.ok(read.raw.equals(der));
      }
    }
  });

  it("refuses a changed request, a weakly signed one, and other input", async () => {
    const pem = await createRequest({ commonName: "device-01", signer: await newSigner() });
    const der = decodeBase64(parsePem(pem)[0]?.base64 ?? "");
    const at = der.indexOf("device-01");
    der.write("device-02", at);
    const changed = toPem("CERTIFICATE REQUEST", der);
    assert.throws(() => readRequest(changed), {
      code: "badRequest",
      message: /CN=device-02 is not signed by/,
    });
    const loose = decodeBase64(parsePem(pem)[0]?.base64 ?? "");
    // A view on the signature: its first byte counts unused bits.
    readChildren(readWhole(loose).content)[2]?.content.set([1]);
    assert.throws(() => readRequest(loose), { code: "malformed" });
    const weak = openssl.run("req", "-new", ...openssl.rsaKey(), "-sha1", "-subj", "/CN=a");
    assert.throws(() => readRequest(weak), { code: "badRequest" });
    assert.throws(() => readRequest("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), { code: "noRequest" });
    assert.throws(() => readRequest(der.subarray(0, 40)), { code: "malformed" });
    await assert.rejects(createRequest({ commonName: "", signer: await newSigner() }), { code: "badName" });
  });
});
