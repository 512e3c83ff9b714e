import { strict as assert } from "node:assert";
import type { Certificate } from "../../../certs/certificate";
import { readCertificate } from "../../../certs/certificate";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { daysFromNow, forge, type Hierarchy, newHierarchy, newSigner, OpenSsl } from "../../cast/certs";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "dps.azure-devices-provisioning.net";

/** The lint of certs/, by what a user declares, in the preview. */
describe("certificates declared in enrollments", () => {
  const openssl = new OpenSsl();
  let azure: FakeAzure;
  let made: Hierarchy;
  let publicKey: Uint8Array;

  const forged = async (more: Partial<Parameters<typeof forge>[0]> = {}): Promise<string> =>
    (await forge({ issuer: made.intermediate, publicKey, ...more })).toPem();
  /** What OpenSSL makes of a request of these arguments, self-signed. */
  const signed = (...args: string[]): string =>
    openssl.run("req", "-x509", "-config", "req.conf", "-days", "3650", ...args);
  const newKey = ["-nodes", "-keyout", "k.pem", "-newkey"];
  const errors = async (inputs: object, isGroup = false): Promise<string[]> => {
    const handler = isGroup ? groupHandler : individualHandler;
    const id = isGroup ? { enrollmentGroupId: "line-1" } : { registrationId: "device-01" };
    const { failures } = await handler(fakeGateway(azure)).check({}, { serviceEndpoint: SERVICE, ...id, ...inputs });
    return failures.map(({ property, reason }) => `${property}: ${reason}`);
  };

  before(async () => {
    made = await newHierarchy();
    publicKey = (await newSigner()).publicKey;
    openssl.write("req.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
  });
  beforeEach(() => {
    azure = fakeAzure();
  });
  after(() => openssl.dispose());

  it("pass without a message if the product issued them", async () => {
    const trustedCertificates = made.root.certificate.toPem() + made.intermediate.certificate.toPem();
    const [device, ca] = [made.device.certificate.toPem(), made.intermediate.certificate.toPem()];
    assert.deepEqual(await errors({ certificate: device, trustedCertificates }), []);
    assert.deepEqual(await errors({ signingCertificate: ca, trustedCertificates }, true), []);
    assert.deepEqual(await errors({ signingCertificate: made.root.certificate.toPem() }, true), []);
    assert.deepEqual(azure.messages, []);
  });

  it("are judged beside CAs whose keys cannot be read", async () => {
    const odd = Buffer.from(made.intermediate.certificate.spki);
    odd[odd.length - 1] = (odd.at(-1) ?? 0) ^ 1;
    const subject = { commonName: made.intermediate.certificate.commonName ?? "" };
    const ca = await forged({ issuer: made.root, publicKey: odd, profile: { isCa: true }, ...subject });
    const certificate = made.device.certificate.toPem();
    assert.deepEqual(await errors({ certificate, trustedCertificates: ca }), []);
    assert.deepEqual(azure.messages.length, 1);
    assert.match(
      await errors({ signingCertificate: ca }, true).then(String),
      /subjectPublicKeyInfo is \(cannot be read\)/,
    );
  });

  it("are refused for each error, at its property", async () => {
    const from = daysFromNow(-20);
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        await forged({ commonName: "device-02" }),
        /common name is "device-02", and must be the registration ID "device-01"/,
      ],
      [await forged({ profile: { purposes: ["serverAuth"] } }), /extendedKeyUsage is 1\.3\.6.*clientAuth.*To fix: add/],
      [await forged({ profile: { isCa: true, keyUsage: ["keyCertSign"] } }), /basicConstraints\.cA is true.*CA:FALSE/],
      [await forged({ profile: { keyUsage: ["keyAgreement"] } }), /keyUsage is keyAgreement.*digitalSignature/],
      [await forged({ from, to: daysFromNow(-1) }), /notAfter is 2026-02-28/],
      [await forged({ from: daysFromNow(1) }), /notBefore is 2026-03-02.*check the clocks/],
      [signed(...newKey, "rsa:1024", "-subj", "/CN=device-01"), /subjectPublicKeyInfo is .*RSA-2048/],
      [signed(...openssl.rsaKey(), "-subj", "/CN=device-01", "-set_serial", "-7"), /serialNumber is .*positive/],
      [signed(...openssl.rsaKey(), "-subj", "/CN=device-01/CN=b"), /must be the registration ID "device-01"/],
      ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", /holds no certificate that can be read/],
    ];
    for (const [certificate, expected] of cases) {
      const reported = (await errors({ certificate })).join("\n");
      assert.match(reported, expected);
      assert.ok(reported.startsWith("certificate: "), reported);
      const second = { certificate: made.device.certificate.toPem(), secondaryCertificate: certificate };
      assert.match((await errors(second)).join("\n"), /^secondaryCertificate: /);
    }
  });

  it("name the device in any letter case, and get one warning for another name", async () => {
    assert.deepEqual(await errors({ certificate: await forged({ commonName: "Device-01" }) }), []);
    assert.deepEqual(
      await errors({ certificate: await forged(), registrationId: "DEVICE-01" }),
      [],
      "letter case counts on neither side",
    );
    const two = signed(...newKey, "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=device-01/CN=b");
    for (const certificate of [await forged({ commonName: "Device 1" }), two]) {
      const reported = (await errors({ certificate })).filter((each) => /common ?name/i.test(each));
      assert.equal(reported.length, 1, reported.join("\n"));
      assert.match(reported[0] ?? "", /^certificate: the certificate's common name is "/);
    }
  });

  it("are refused for a weak signature of a CA", async () => {
    openssl.write(
      "ca.pem",
      signed(...openssl.rsaKey(), "-subj", "/CN=ca", "-addext", "basicConstraints=critical,CA:TRUE"),
    );
    openssl.run(
      "req",
      "-new",
      "-config",
      "req.conf",
      ...openssl.rsaKey("d.pem"),
      "-subj",
      "/CN=device-01",
      "-out",
      "d.csr",
    );
    const weak = openssl.run(
      "x509",
      "-req",
      "-sha1",
      "-in",
      "d.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "k.pem",
      "-days",
      "3650",
    );
    assert.match((await errors({ certificate: weak })).join(), /signatureAlgorithm is sha1WithRSAEncryption.*SHA-256/);
  });

  it("are refused as signing certificates where they sign nothing, or below a CA that allows none below", async () => {
    const group = async (inputs: object) => (await errors(inputs, true)).join("\n");
    assert.match(
      await group({ signingCertificate: made.device.certificate.toPem() }),
      /^signingCertificate: must be a CA/,
    );
    const ca = { isCa: true, name: "intermediate", keyUsage: ["keyCertSign", "cRLSign"], purposes: [] } as const;
    const below = await forged({ commonName: "Below", profile: ca, to: daysFromNow(300) });
    assert.equal(await group({ signingCertificate: below }), "");
    const trustedCertificates = made.intermediate.certificate.toPem() + made.root.certificate.toPem();
    assert.match(await group({ signingCertificate: below, trustedCertificates }), /basicConstraints.*path length 0/);
    const silent = await forged({ commonName: "Silent", profile: { ...ca, keyUsage: ["digitalSignature"] } });
    assert.match(await group({ signingCertificate: silent }), /keyUsage is digitalSignature.*keyCertSign/);
    const primary = { signingCertificate: made.intermediate.certificate.toPem() };
    assert.match(
      await group({ ...primary, secondarySigningCertificate: silent }),
      /^secondarySigningCertificate: keyUsage/,
    );
  });

  it("are warned of where they end soon, where they outlive their issuer, and where they lead to no known CA", async () => {
    const soon = await forged({ to: daysFromNow(10) });
    assert.deepEqual(await errors({ certificate: soon }), []);
    assert.match(
      azure.messages.join(),
      /^Individual enrollment device-01, certificate: notAfter is 2026-03-11.*renew it/,
    );
    azure.messages.length = 0;
    await errors({ certificate: soon, registrationId: UNKNOWN });
    assert.match(azure.messages.join(), /^Individual enrollment, certificate: notAfter/);
    azure.messages.length = 0;
    const trustedCertificates = made.root.certificate.toPem() + made.intermediate.certificate.toPem();
    const long = await forged({ to: daysFromNow(3000) });
    assert.deepEqual(await errors({ certificate: long, trustedCertificates }), []);
    assert.match(azure.messages.join(), /certificate: validity is .*within the issuer's/);
    azure.messages.length = 0;
    const other = (await newHierarchy()).device.certificate.toPem();
    assert.deepEqual(await errors({ certificate: other, trustedCertificates }), []);
    assert.match(
      azure.messages.join(),
      /certificate: issuer is CN=Test Intermediate.*a path to CN=Test Root.*verify the root/,
    );
  });

  it("accept a device's self-signed certificate as OpenSSL creates it, with a warning", async () => {
    const isCa = ["-addext", "basicConstraints=critical,CA:TRUE"];
    const certificate = signed(...openssl.rsaKey(), "-subj", "/CN=device-01", ...isCa);
    const at: Certificate = readCertificate(certificate);
    const gateway = { ...fakeGateway(azure), now: () => new Date(at.notBefore.getTime() + 1000) };
    const inputs = { serviceEndpoint: SERVICE, registrationId: "device-01", certificate };
    assert.deepEqual((await individualHandler(gateway).check({}, inputs)).failures, []);
    assert.match(azure.messages.join("\n"), /basicConstraints\.cA is true/);
  });

  it("are checked in a list as well, with the warnings of one cause in one line", async () => {
    const trustedCertificates = made.root.certificate.toPem();
    const strangers = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const id = `device-${index + 10}`;
        return [`device:${id}`, { certificate: await forged({ commonName: id, to: daysFromNow(300) }) }] as const;
      }),
    );
    const listed = Object.fromEntries([
      ...strangers,
      ["device:device-01", { certificate: await forged({ profile: { purposes: ["serverAuth"] } }) }],
    ]);
    const { failures } = await listHandler(fakeGateway(azure)).check(
      {},
      { serviceEndpoint: SERVICE, trustedCertificates, ...listed },
    );
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["device:device-01.certificate"],
    );
    const [path, ...others] = azure.messages;
    assert.match(
      path ?? "",
      /^device:device-10\.certificate, device:device-11\.certificate, device:device-12\.certificate and \d+ more: issuer is CN=Test Intermediate/,
    );
    assert.ok(others.every((line) => !line.includes("issuer is CN=Test Intermediate")));
  });
});
