import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { KEY_ALGORITHMS } from "../../../certs/algorithms";
import { Certificate } from "../../../certs/certificate";
import { encodeElement, readChildren, readWhole, TAG } from "../../../certs/der";
import { PURPOSE_OIDS } from "../../../certs/extensions";
import { nameOf } from "../../../certs/names";
import { attachSignature } from "../../../certs/signature";
import {
  type AlternativeName,
  type CertificateFields,
  type CertificateSigner,
  createCertificate,
  createCertificateRequest,
  type Name,
} from "../../../certs/x509";
import { daysFromNow, type Hierarchy, NOW, newHierarchy, newSigner, OpenSsl } from "../../cast/certs";

describe("certs/x509", () => {
  const openssl = new OpenSsl();
  let made: Hierarchy;
  let publicKey: Uint8Array;
  before(async () => {
    made = await newHierarchy();
    publicKey = (await newSigner()).publicKey;
  });
  after(() => openssl.dispose());

  /** A server's certificate below the intermediate. */
  const fields = (more: Partial<CertificateFields> = {}): CertificateFields => ({
    subject: nameOf("server"),
    issuer: made.intermediate.certificate.subjectDer,
    serialNumber: "2a".repeat(16),
    notBefore: daysFromNow(-1),
    notAfter: daysFromNow(30),
    publicKey,
    authorityKeyIdentifier: made.intermediate.certificate.extensions.subjectKeyIdentifier,
    basicConstraints: { ca: false, critical: true },
    keyUsage: ["digitalSignature"],
    purposes: [PURPOSE_OIDS.serverAuth],
    ...more,
  });
  const create = async (more: Partial<CertificateFields> = {}): Promise<Certificate> =>
    new Certificate(await createCertificate(fields(more), made.intermediate.signer));

  it("keeps every character of a name given as JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), async (text) => {
        assert.equal((await create({ subject: [{ CN: [{ utf8String: text }] }] })).commonName, text);
      }),
      { numRuns: 30, examples: [["a\\b,c"], ['"#+;=<>'], [" a "]] },
    );
    const subject: Name = [{ C: [{ printableString: "SE" }] }, { "2.5.4.10": [{ utf8String: "Contoso, AB" }] }];
    assert.equal((await create({ subject })).subject, "O=Contoso\\, AB, C=SE");
  });

  it("makes a certificate for exactly its names and addresses, which openssl accepts as a server's", async () => {
    const long = `${"x".repeat(60)}.azure-devices.net`;
    const alternativeNames: AlternativeName[] = [
      { type: "dns", value: long },
      { type: "dns", value: "hub.azure-devices.net" },
      { type: "ip", value: "127.0.0.1" },
    ];
    const leaf = await create({ alternativeNames });
    const node = new X509Certificate(leaf.raw);
    assert.equal(node.checkHost(long), long);
    assert.equal(node.checkHost("other.azure-devices.net"), undefined);
    assert.equal(node.checkIP("127.0.0.1"), "127.0.0.1");
    assert.equal(leaf.subjectAltName, `DNS:${long}, DNS:hub.azure-devices.net, IP Address:127.0.0.1`);
    openssl.write("root.pem", made.root.certificate.toPem());
    openssl.write("inter.pem", made.intermediate.certificate.toPem());
    openssl.write("leaf.pem", leaf.toPem());
    const at = ["-attime", String(NOW.getTime() / 1000), "-purpose", "sslserver", "-x509_strict"];
    const verdict = openssl.run("verify", ...at, "-CAfile", "root.pem", "-untrusted", "inter.pem", "leaf.pem");
    assert.equal(verdict, "leaf.pem: OK\n");
  });

  it("writes addresses that node:crypto and openssl read as the same", async () => {
    const addresses = ["127.0.0.1", "::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "2001:db8::"];
    const leaf = await create({ alternativeNames: addresses.map((value) => ({ type: "ip", value })) });
    const node = new X509Certificate(leaf.raw);
    for (const address of addresses) assert.equal(node.checkIP(address), address);
    openssl.write("leaf.pem", leaf.toPem());
    assert.match(
      openssl.run("x509", "-in", "leaf.pem", "-noout", "-ext", "subjectAltName"),
      /IP Address:FE80:0:0:0:0:0:1:2, IP Address:1:2:3:4:5:6:7:8, IP Address:0:0:0:0:0:FFFF:C000:201,/,
    );
    for (const value of ["1.2.3", "fe80::1%eth0", "host", ""]) {
      await assert.rejects(create({ alternativeNames: [{ type: "ip", value }] }), { code: "badName" }, value);
    }
    await assert.rejects(create({ alternativeNames: [{ type: "dns", value: "bücher.example" }] }), { code: "badName" });
  });

  it("writes times to the second, with GeneralizedTime from 2050", async () => {
    const [notBefore, notAfter] = [new Date("2049-12-31T23:59:59Z"), new Date("2050-01-01T00:00:00Z")];
    const leaf = await create({ notBefore, notAfter });
    assert.deepEqual([leaf.notBefore, leaf.notAfter], [notBefore, notAfter]);
    const tbs = readChildren(readWhole(leaf.raw).content)[0];
    const validity = readChildren(tbs?.content ?? Buffer.alloc(0))[4];
    const tags = readChildren(validity?.content ?? Buffer.alloc(0)).map(({ tag }) => tag);
    assert.deepEqual(tags, [TAG.utcTime, TAG.generalizedTime]);
  });

  it("copies the issuer's name unchanged, and refuses one that it cannot copy before anything is signed", async () => {
    const attribute = (tag: number, value: Buffer): Buffer =>
      encodeElement(
        TAG.sequence,
        encodeElement(
          TAG.set,
          encodeElement(TAG.sequence, Buffer.from("0603550403", "hex"), encodeElement(tag, value)),
        ),
      );
    const { utf8String, teletexString, bmpString, universalString, numericString, ia5String } = TAG;
    for (const [tag, hex] of [
      [utf8String, "c3bc"],
      [teletexString, "e941"],
      [bmpString, "00410102"],
      [universalString, "00000041"],
      [numericString, "3132"],
      [ia5String, "614062"],
    ] as const) {
      const issuer = attribute(tag, Buffer.from(hex, "hex"));
      assert.ok((await create({ issuer })).issuerDer.equals(issuer), `tag ${tag}`);
    }
    const signer = { ...made.intermediate.signer, sign: () => assert.fail("the key signed") };
    const bad = fields({ issuer: attribute(utf8String, Buffer.from([0xff])) });
    await assert.rejects(createCertificate(bad, signer), { code: "malformed" });
  });

  it("passes the bytes to be signed to a remote signer, and refuses a signature of another form", async () => {
    const { signer } = made.intermediate;
    const asked: string[] = [];
    const remote: CertificateSigner = {
      publicKey: signer.publicKey,
      algorithm: signer.algorithm,
      async sign(tbs) {
        asked.push(createHash("sha256").update(tbs).digest("hex"));
        return signer.sign(tbs);
      },
    };
    const leaf = new Certificate(await createCertificate(fields(), remote));
    assert.ok(leaf.isSignedBy(made.intermediate.certificate.publicKey));
    const tbs = readChildren(readWhole(leaf.raw).content)[0]?.raw ?? Buffer.alloc(0);
    assert.deepEqual(asked, [createHash("sha256").update(tbs).digest("hex")]);
    const der: CertificateSigner = { ...remote, sign: async () => Buffer.alloc(71) };
    await assert.rejects(createCertificate(fields(), der), TypeError);
  });

  it("makes a request with extensions that openssl verifies and reads", async () => {
    const signer = await newSigner("EC-P384");
    const extensions = {
      basicConstraints: { ca: true, pathLength: 0, critical: true },
      keyUsage: ["keyCertSign", "decipherOnly"] as const,
      purposes: [PURPOSE_OIDS.clientAuth],
      alternativeNames: [
        { type: "email", value: "a@contoso.com" },
        { type: "upn", value: "ü@contoso.com" },
      ] as const,
    };
    openssl.write("r.csr", await createCertificateRequest({ subject: nameOf("d"), extensions }, signer));
    const text = openssl.run("req", "-in", "r.csr", "-inform", "DER", "-verify", "-noout", "-text");
    assert.match(text, /CA:TRUE, pathlen:0/);
    assert.match(text, /Certificate Sign, Decipher Only/);
    assert.match(text, /UPN::ü@contoso.com|email:a@contoso.com/);
  });

  it("attaches signatures as node:crypto reads them, and refuses one of another length", async () => {
    const tbs = readChildren(readWhole((await create()).raw).content)[0]?.raw ?? Buffer.alloc(0);
    const raw = Buffer.concat([Buffer.alloc(32, 0xff), Buffer.alloc(31), Buffer.from([5])]);
    const hex = attachSignature(tbs, raw, KEY_ALGORITHMS["EC-P256"]).toString("hex");
    assert.ok(hex.endsWith(`0329003026022100${"ff".repeat(32)}020105`));
    const rsa = attachSignature(tbs, Buffer.alloc(256, 1), KEY_ALGORITHMS["RSA-2048"]).toString("hex");
    assert.ok(rsa.endsWith(`0382010100${"01".repeat(256)}`));
    assert.throws(() => attachSignature(tbs, Buffer.alloc(71), KEY_ALGORITHMS["EC-P256"]), TypeError);
  });
});
