import { strict as assert } from "node:assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { readCertificates } from "../../../../../certs/certificate";
import { generateKeyPair } from "../../../../../certs/keys";
import { readPkcs12 } from "../../../../../certs/pkcs12/read";
import { writePkcs12 } from "../../../../../certs/pkcs12/write";
import { readRequest } from "../../../../../certs/request";
import { expectStatus, type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

/** 2026-03-01T12:00:00Z, where the test clock begins. */
const NOW = 1_772_366_400;
const self = (more: object = {}) => ({
  policy: { issuer: { name: "Self" }, x509_props: { subject: "CN=device-01, O=Contoso, C=SE" }, ...more },
});
const EC = { kty: "EC", crv: "P-256" };

describe("certificates of a vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const ok = (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    expectStatus(harness, status, method, path, body);
  const refused = async (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    (await ok(status, method, path, body)).error;
  const x509 = (bundle: Body) => new X509Certificate(Buffer.from(bundle.cer, "base64"));

  it("creates a self-signed one, with a key and a secret of the same name and version", async () => {
    const made = await harness.vault("POST", "/certificates/web/create", {
      ...self({ key_props: EC }),
      tags: { line: "1" },
    });
    assert.equal(made.status, 202);
    const { csr, request_id, status_details } = made.body as Body;
    assert.equal((made.body as Body).status, "inProgress", "the clients ask again");
    assert.match(status_details, /^Pending certificate created\. Certificate request is in progress\./);
    assert.deepEqual(await ok(200, "GET", "/certificates/web/pending"), {
      id: "https://vault-1.vault.azure.net/certificates/web/pending",
      issuer: { name: "Self" },
      csr,
      cancellation_requested: false,
      status: "completed",
      target: "https://vault-1.vault.azure.net/certificates/web",
      request_id,
    });
    assert.equal(
      made.headers.location,
      `https://vault-1.vault.azure.net/certificates/web/pending?api-version=7.5&request_id=${request_id}`,
    );
    const bundle = await ok(200, "GET", "/certificates/web/");
    const version = bundle.id.split("/").at(-1);
    assert.match(bundle.id, /^https:\/\/vault-1\.vault\.azure\.net\/certificates\/web\/[0-9a-f]{32}$/);
    assert.equal(bundle.kid, `https://vault-1.vault.azure.net/keys/web/${version}`);
    assert.equal(bundle.sid, `https://vault-1.vault.azure.net/secrets/web/${version}`);
    assert.deepEqual(bundle.attributes, {
      enabled: true,
      nbf: NOW - 600,
      exp: Date.UTC(2027, 2, 1, 12) / 1000,
      created: NOW,
      updated: NOW,
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: 90,
    });
    assert.deepEqual(bundle.tags, { line: "1" });
    const certificate = x509(bundle);
    assert.ok(certificate.verify(certificate.publicKey), "it is signed by its own key");
    assert.equal(certificate.subject, "C=SE\nO=Contoso\nCN=device-01");
    assert.equal(
      Buffer.from(bundle.x5t, "base64url").toString("hex").toUpperCase(),
      certificate.fingerprint.replaceAll(":", ""),
    );
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    assert.equal(readRequest(csr).subject, "CN=device-01, O=Contoso, C=SE");
    const { key, managed } = await ok(200, "GET", `/keys/web/${version}`);
    assert.equal(managed, true);
    assert.deepEqual(
      [key.x, key.y],
      [certificate.publicKey.export({ format: "jwk" }).x, certificate.publicKey.export({ format: "jwk" }).y],
    );
  });

  it("keeps the policy with Azure's defaults, and changes it", async () => {
    await ok(202, "POST", "/certificates/web/create", self());
    const { policy } = await ok(200, "GET", "/certificates/web");
    assert.deepEqual(policy, {
      id: "https://vault-1.vault.azure.net/certificates/web/policy",
      key_props: { exportable: true, reuse_key: false, kty: "RSA", key_size: 2048 },
      secret_props: { contentType: "application/x-pkcs12" },
      x509_props: {
        subject: "CN=device-01, O=Contoso, C=SE",
        ekus: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
        key_usage: ["digitalSignature", "keyEncipherment"],
        validity_months: 12,
        basic_constraints: { ca: false },
      },
      lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } }],
      issuer: { name: "Self" },
      attributes: { enabled: true, created: NOW, updated: NOW },
    });
    harness.services.clock.advance(7);
    const changed = await ok(200, "PATCH", "/certificates/web/policy", { x509_props: { validity_months: 3 } });
    assert.equal(changed.x509_props.validity_months, 3);
    assert.equal(changed.x509_props.subject, "CN=device-01, O=Contoso, C=SE");
    assert.deepEqual(changed.attributes, { enabled: true, created: NOW, updated: NOW + 7 });
    assert.deepEqual(await ok(200, "GET", "/certificates/web/policy"), changed);
    await ok(202, "POST", "/certificates/web/create", {});
    const again = await ok(200, "GET", "/certificates/web");
    assert.equal(x509(again).validTo, "Jun  1 12:00:07 2026 GMT", "a create without a policy uses the existing one");
    assert.equal((await refused(404, "GET", "/certificates/none/policy")).code, "CertificateNotFound");
  });

  for (const crv of ["P-384", "P-521", "P-256K"]) {
    it(`makes certificates for keys on ${crv}`, async () => {
      await ok(202, "POST", "/certificates/c/create", self({ key_props: { kty: "EC", crv } }));
      const certificate = x509(await ok(200, "GET", "/certificates/c"));
      assert.ok(certificate.verify(certificate.publicKey));
    });
  }

  it("creates a CA certificate with alternative names by its policy", async () => {
    const x509_props = {
      subject: "CN=root",
      sans: { dns_names: ["a.example", "b.example"], emails: ["a@b.example"], upns: ["u@b.example"] },
      ekus: [],
      key_usage: ["keyCertSign", "cRLSign"],
      validity_months: 120,
      basic_constraints: { ca: true, path_len_constraint: 1 },
    };
    await ok(202, "POST", "/certificates/ca/create", self({ key_props: EC, x509_props }));
    const bundle = await ok(200, "GET", "/certificates/ca");
    const certificate = x509(bundle);
    assert.equal(certificate.ca, true);
    assert.match(certificate.subjectAltName ?? "", /^DNS:a\.example, DNS:b\.example, email:a@b\.example, othername:/);
    const [read] = readCertificates(Buffer.from(bundle.cer, "base64"));
    assert.deepEqual(
      [read?.extensions.pathLength, read?.extensions.keyUsage, read?.extensions.extendedKeyUsage],
      [1, ["keyCertSign", "cRLSign"], undefined],
    );
    assert.equal(read?.notAfter.toISOString(), "2036-03-01T12:00:00.000Z");
  });

  it("puts certificate and key into the secret: PKCS#12 without a passphrase, or PEM", async () => {
    await ok(202, "POST", "/certificates/pfx/create", self({ key_props: EC }));
    const pfx = await ok(200, "GET", "/secrets/pfx");
    assert.deepEqual([pfx.contentType, pfx.managed], ["application/x-pkcs12", true]);
    const { key, certificates } = readPkcs12(Buffer.from(pfx.value, "base64"), "");
    assert.ok(key && certificates[0]?.spki.equals(key.publicKey));
    assert.ok(createSecureContext({ pfx: Buffer.from(pfx.value, "base64"), passphrase: "" }), "OpenSSL takes it");
    await ok(
      202,
      "POST",
      "/certificates/pem/create",
      self({ secret_props: { contentType: "application/x-pem-file" } }),
    );
    const pem = await ok(200, "GET", "/secrets/pem");
    assert.equal(pem.contentType, "application/x-pem-file");
    assert.ok(new X509Certificate(pem.value).checkPrivateKey(createPrivateKey(pem.value)));
  });

  it("lets no private key out that the policy holds back", async () => {
    for (const contentType of ["application/x-pkcs12", "application/x-pem-file"]) {
      const name = contentType.slice(-4);
      const key_props = { ...EC, exportable: false };
      await ok(202, "POST", `/certificates/${name}/create`, self({ key_props, secret_props: { contentType } }));
      const { value } = await ok(200, "GET", `/secrets/${name}`);
      const { key } = await ok(200, "GET", `/keys/${name}`);
      if (contentType.endsWith("file")) assert.doesNotMatch(value, /PRIVATE KEY/);
      else assert.equal(readPkcs12(Buffer.from(value, "base64"), "").key, undefined);
      const digest = Buffer.alloc(32, 1).toString("base64url");
      assert.equal((await ok(200, "POST", `/keys/${name}/sign`, { alg: "ES256", value: digest })).kid, key.kid);
    }
    const { attributes } = await ok(200, "GET", "/keys/-file".replace("-file", "file"));
    assert.equal(attributes.exportable, false);
  });

  it("reuses the key by policy", async () => {
    const given = self({ key_props: { ...EC, reuse_key: true } });
    await ok(202, "POST", "/certificates/c/create", given);
    const first = x509(await ok(200, "GET", "/certificates/c"));
    await ok(202, "POST", "/certificates/c/create", given);
    const second = x509(await ok(200, "GET", "/certificates/c"));
    assert.ok(first.publicKey.equals(second.publicKey));
    assert.notEqual(first.serialNumber, second.serialNumber);
    await ok(202, "POST", "/certificates/c/create", self({ key_props: { ...EC, crv: "P-384", reuse_key: true } }));
    assert.ok(!first.publicKey.equals(x509(await ok(200, "GET", "/certificates/c")).publicKey), "it does not fit");
  });

  const refusals: readonly (readonly [Body, RegExp])[] = [
    [{}, /^Property policy is required/],
    [{ policy: 7 }, /policy must be an object/],
    [{ policy: { issuer: { name: "Self" } } }, /subject must not be empty/],
    [self({ key_props: { kty: "oct" } }), /policy\.key_props\.kty must be/],
    [self({ key_props: { kty: "RSA-HSM" } }), /^Hardware key operation not allowed on standard vault/],
    [self({ key_props: { kty: "RSA", key_size: 1024 } }), /^Unsupported key size \(1024\)/],
    [self({ key_props: { kty: "EC", key_size: 4096 } }), /crv must be/],
    [self({ key_props: { kty: "EC", crv: "P-256", key_size: 384 } }), /^Unsupported key size \(384\)/],
    [self({ key_props: { exportable: "yes" } }), /exportable must be true or false/],
    [self({ secret_props: { contentType: "text/plain" } }), /^Property policy\.secret_props\.contentType/],
    [self({ x509_props: { subject: "device" } }), /^Property policy\.x509_props\.subject has invalid value 'device'/],
    [self({ x509_props: { subject: "XX=1" } }), /unknown attribute type 'XX'/],
    [self({ x509_props: { subject: 'CN="a' } }), /a quotation mark is not closed/],
    [self({ x509_props: { subject: "CN=a+O=b" } }), /multi-valued attributes .* not emulated/],
    [
      self({ x509_props: { subject: "CN=a", ekus: ["clientAuth"] } }),
      /ekus must be object identifiers, not 'clientAuth'/,
    ],
    [self({ x509_props: { subject: "CN=a", key_usage: ["sign"] } }), /key_usage must be key usages, not 'sign'/],
    [self({ x509_props: { subject: "CN=a", validity_months: 0 } }), /validity_months must be/],
    [self({ x509_props: { subject: "CN=a", sans: { dns_names: "a" } } }), /sans\.dns_names must be/],
    [
      self({ x509_props: { subject: "CN=a", basic_constraints: { ca: false, path_len_constraint: 1 } } }),
      /path_len_constraint needs ca: true/,
    ],
    [self({ lifetime_actions: [{ trigger: {}, action: { action_type: "AutoRenew" } }] }), /either lifetime_percentage/],
    [
      self({ lifetime_actions: [{ action: { action_type: "Renew" } }] }),
      /action_type must be one of EmailContacts, AutoRenew/,
    ],
    [{ policy: { ...self().policy, issuer: { name: "nobody" } } }, /issuer 'nobody' is not configured/],
  ];
  for (const [body, message] of refusals) {
    it(`refuses to create ${JSON.stringify(body).slice(0, 110)}`, async () => {
      const refusal = await refused(400, "POST", "/certificates/c/create", body);
      assert.equal(refusal.code, "BadParameter");
      assert.match(refusal.message, message);
      assert.equal((await refused(404, "GET", "/certificates/c")).code, "CertificateNotFound");
      assert.equal((await refused(404, "GET", "/certificates/c/pending")).code, "PendingCertificateNotFound");
    });
  }

  it("reads subjects with quotes and escapes", async () => {
    const subject = 'CN="Doe, Jane", OU=Räksmörgås, E=j@d.example, 1.2.3.4=x\\, y';
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC, x509_props: { subject } }));
    const read = readCertificates(Buffer.from((await ok(200, "GET", "/certificates/c")).cer, "base64"))[0];
    assert.equal(read?.subject, "CN=Doe\\, Jane, OU=Räksmörgås, E=j@d.example, 1.2.3.4=x\\, y");
  });

  it("refuses the name of an unmanaged key or secret, and protects its own key and secret", async () => {
    await ok(200, "POST", "/keys/k/create", { kty: "EC" });
    const conflict = await refused(409, "POST", "/certificates/k/create", self({ key_props: EC }));
    assert.equal(conflict.code, "Conflict");
    assert.match(conflict.message, /^Key k already exists/);
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC }));
    for (const [method, path, body] of [
      ["POST", "/keys/c/create", { kty: "EC" }],
      ["DELETE", "/keys/c", undefined],
      ["POST", "/keys/c/rotate", undefined],
      ["PATCH", "/keys/c/", { tags: {} }],
      ["PUT", "/secrets/c", { value: "v" }],
      ["DELETE", "/secrets/c", undefined],
    ] as const) {
      const refusal = await refused(403, method, path, body);
      assert.deepEqual(
        [refusal.code, refusal.innererror.code],
        ["Forbidden", "OperationNotAllowed"],
        `${method} ${path}`,
      );
    }
  });

  it("updates a version, and its key and secret with it", async () => {
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC }));
    const patched = await ok(200, "PATCH", "/certificates/c/", {
      attributes: { enabled: false },
      tags: { a: "1" },
      policy: { x509_props: { validity_months: 2 } },
    });
    assert.deepEqual([patched.attributes.enabled, patched.tags], [false, { a: "1" }]);
    assert.equal(patched.policy.x509_props.validity_months, 2);
    const value = Buffer.alloc(32).toString("base64url");
    const sign = await refused(403, "POST", "/keys/c/sign", { alg: "ES256", value });
    assert.equal(sign.innererror.code, "KeyDisabled");
    assert.equal((await refused(403, "GET", "/secrets/c")).innererror.code, "SecretDisabled");
    assert.equal(
      (await refused(400, "PATCH", "/certificates/c/", { attributes: { enabled: 1 } })).code,
      "BadParameter",
    );
    assert.equal((await refused(404, "PATCH", "/certificates/none/", {})).code, "CertificateNotFound");
  });

  it("lists certificates and their versions", async () => {
    for (const name of ["a", "b", "a"]) await ok(202, "POST", `/certificates/${name}/create`, self({ key_props: EC }));
    const { value } = await ok(200, "GET", "/certificates");
    assert.deepEqual(
      value.map(({ id, subject }: Body) => [id, subject]),
      ["a", "b"].map((name) => [`https://vault-1.vault.azure.net/certificates/${name}`, ""]),
    );
    assert.match(value[0].x5t, /^[A-Za-z0-9_-]{27}$/);
    const versions = await ok(200, "GET", "/certificates/a/versions");
    assert.equal(versions.value.length, 2);
    const page = await ok(200, "GET", "/certificates?maxresults=1");
    const next = new URL(page.nextLink);
    const rest = await ok(200, "GET", next.pathname + next.search.replace("api-version=7.5&", ""));
    assert.deepEqual([rest.value.length, rest.nextLink], [1, null]);
  });

  it("deletes, recovers and purges key and secret along", async () => {
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC }));
    const before = await ok(200, "GET", "/certificates/c");
    const deleted = await ok(200, "DELETE", "/certificates/c");
    assert.equal(deleted.recoveryId, "https://vault-1.vault.azure.net/deletedcertificates/c");
    assert.equal(deleted.cer, before.cer);
    for (const kind of ["certificates", "keys", "secrets"])
      assert.equal((await harness.vault("GET", `/${kind}/c`)).status, 404);
    const conflict = await refused(409, "POST", "/certificates/c/create", self({ key_props: EC }));
    assert.equal(conflict.innererror.code, "ObjectIsDeletedButRecoverable");
    await ok(200, "POST", "/deletedcertificates/c/recover");
    for (const kind of ["certificates", "keys", "secrets"])
      assert.equal((await harness.vault("GET", `/${kind}/c`)).status, 200);
    await ok(200, "DELETE", "/certificates/c");
    await ok(204, "DELETE", "/deletedcertificates/c");
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC }));
    assert.equal((await refused(404, "DELETE", "/certificates/none")).code, "CertificateNotFound");
  });

  it("backs up certificate, key, secret and policy, and restores them into another vault", async () => {
    await ok(202, "POST", "/certificates/c/create", self({ key_props: EC }));
    const before = await ok(200, "GET", "/certificates/c");
    const { value } = await ok(200, "POST", "/certificates/c/backup");
    const there = { host: "vault-2.vault.azure.net" };
    const restored = (await harness.vault("POST", "/certificates/restore", { value }, there)).body as Body;
    assert.deepEqual([restored.cer, restored.x5t, restored.attributes], [before.cer, before.x5t, before.attributes]);
    assert.deepEqual(restored.policy.x509_props, before.policy.x509_props);
    const [mine, theirs] = [
      await harness.vault("GET", "/secrets/c"),
      await harness.vault("GET", "/secrets/c", undefined, there),
    ];
    assert.equal((theirs.body as Body).value, (mine.body as Body).value);
    assert.match(
      (await refused(400, "POST", "/certificates/restore", { value: "AA" })).message,
      /^The backup is not of a/,
    );
  });

  it("forgets everything when the vault itself is purged", async () => {
    await ok(202, "POST", "/certificates/c/create", { policy: { x509_props: { subject: "CN=c" }, key_props: EC } });
    await ok(200, "PUT", "/certificates/contacts", { contacts: [{ email: "a@b.example" }] });
    harness.vaults.purge("vault-key-vault-1");
    assert.equal((await refused(404, "GET", "/certificates/c/pending")).code, "PendingCertificateNotFound");
    assert.equal((await refused(404, "GET", "/certificates/contacts")).code, "ContactsNotFound");
  });

  describe("imported", () => {
    const pfx = async (passphrase: string | undefined) => {
      await ok(202, "POST", "/certificates/source/create", self({ key_props: EC }));
      const { value } = await ok(200, "GET", "/secrets/source");
      const { key, certificates } = readPkcs12(Buffer.from(value, "base64"), "");
      if (key === undefined) throw new Error("no key");
      return { der: writePkcs12({ key, chain: certificates, passphrase }), key, certificates };
    };

    it("imports PKCS#12 with its passphrase, and derives the policy from the certificate", async () => {
      const { der, certificates } = await pfx("secret");
      const given = { value: der.toString("base64"), pwd: "secret", tags: { from: "file" } };
      const bundle = await ok(200, "POST", "/certificates/taken/import", given);
      assert.equal(bundle.cer, certificates[0]?.raw.toString("base64"));
      assert.deepEqual(bundle.tags, { from: "file" });
      assert.deepEqual(bundle.policy.key_props, {
        exportable: true,
        reuse_key: false,
        kty: "EC",
        key_size: 256,
        crv: "P-256",
      });
      assert.deepEqual(bundle.policy.issuer, { name: "Unknown" });
      assert.equal(bundle.policy.x509_props.subject, "CN=device-01, O=Contoso, C=SE");
      assert.equal(bundle.policy.x509_props.validity_months, 12);
      const digest = Buffer.alloc(32, 9).toString("base64url");
      assert.equal((await ok(200, "POST", "/keys/taken/sign", { alg: "ES256", value: digest })).value.length, 86);
      const wrong = await refused(400, "POST", "/certificates/x/import", { ...given, pwd: "wrong" });
      assert.match(wrong.message, /^The specified certificate content can not be read: The passphrase does not open/);
    });

    it("imports PEM, as text or base64, and does not export the key if the policy forbids it", async () => {
      await ok(
        202,
        "POST",
        "/certificates/s/create",
        self({ secret_props: { contentType: "application/x-pem-file" } }),
      );
      const { value: pem } = await ok(200, "GET", "/secrets/s");
      for (const value of [pem, Buffer.from(pem).toString("base64")]) {
        const policy = { key_props: { exportable: false }, secret_props: { contentType: "application/x-pem-file" } };
        const bundle = await ok(200, "POST", "/certificates/taken/import", { value, policy });
        assert.equal(bundle.policy.key_props.key_size, 2048);
        assert.doesNotMatch((await ok(200, "GET", "/secrets/taken")).value, /PRIVATE KEY/);
      }
      assert.equal((await ok(200, "GET", "/certificates/taken/versions")).value.length, 2);
    });

    it("refuses content that is not a certificate with its key", async () => {
      const { der, key, certificates } = await pfx("p");
      const other = await generateKeyPair("EC-P256");
      const certificate = certificates[0]?.toPem() ?? "";
      const pemOf = (each: typeof key) => each.key.export({ type: "pkcs8", format: "pem" }).toString();
      const without = writePkcs12({ key: undefined, chain: certificates, passphrase: "p" }).toString("base64");
      for (const [body, message] of [
        [{}, /^Property value is required/],
        [{ value: "AAAA" }, /can not be read: This is not a PKCS#12 file/],
        [{ value: der.toString("base64") }, /can not be read: The passphrase does not open/],
        [{ value: without, pwd: "p" }, /has no private key/],
        [{ value: certificate }, /has no private key/],
        [{ value: pemOf(key) }, /can not be read: The PEM text holds no certificate/],
        [{ value: pemOf(other) + certificate }, /does not match the public part of the specified private key/],
        [{ value: `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${certificate}` }, /cannot be read/],
      ] as const) {
        const refusal = await refused(400, "POST", "/certificates/x/import", body);
        assert.equal(refusal.code, "BadParameter");
        assert.match(refusal.message, message);
        assert.ok(!JSON.stringify(refusal).includes(key.key.export({ format: "jwk" }).d ?? "?"));
      }
      assert.equal((await harness.vault("GET", "/certificates/x")).status, 404);
    });
  });

  it("allows exactly the key operations of its key usages", async () => {
    const opsOf = async (name: string, policy: object): Promise<string[]> => {
      await ok(202, "POST", `/certificates/${name}/create`, self(policy));
      return (await ok(200, "GET", `/keys/${name}`)).key.key_ops;
    };
    const x509_props = (key_usage: string[]) => ({ subject: "CN=web", key_usage });
    assert.deepEqual(await opsOf("default", {}), ["sign", "verify", "wrapKey", "unwrapKey"]);
    assert.deepEqual(await opsOf("ec", { key_props: EC }), ["sign", "verify"]);
    const data = { x509_props: x509_props(["dataEncipherment"]) };
    assert.deepEqual(await opsOf("data", data), ["encrypt", "decrypt"]);
    assert.deepEqual(await opsOf("ca", { key_props: EC, x509_props: x509_props(["cRLSign", "keyCertSign"]) }), [
      "sign",
      "verify",
    ]);
    assert.deepEqual(await opsOf("agree", { key_props: EC, x509_props: x509_props(["keyAgreement"]) }), []);
    assert.equal((await opsOf("any", { x509_props: x509_props([]) })).length, 6);
    const digest = Buffer.alloc(32).toString("base64url");
    const refusal = await refused(403, "POST", "/keys/data/sign", { alg: "RS256", value: digest });
    assert.deepEqual(refusal.innererror, { code: "KeyOperationForbidden" });
  });

  it("keeps its own validity in every update", async () => {
    await ok(202, "POST", "/certificates/web/create", self({ key_props: EC }));
    const before = await ok(200, "GET", "/certificates/web");
    const attributes = { enabled: false, nbf: 1, exp: 2_000_000_000 };
    const changed = await ok(200, "PATCH", "/certificates/web", { attributes });
    assert.deepEqual(changed.attributes, { ...before.attributes, enabled: false });
    await refused(400, "PATCH", "/certificates/web", { attributes: { exp: "soon" } });
  });

  it("keeps the policy members that an update leaves out, and selects the curve of a size", async () => {
    const policy = { issuer: { name: "Self", cty: "OV-SSL", cert_transparency: true }, key_props: EC };
    await ok(202, "POST", "/certificates/web/create", self(policy));
    const change = (body: object) => ok(200, "PATCH", "/certificates/web/policy", body);
    const larger = await change({ key_props: { key_size: 384 } });
    assert.deepEqual([larger.key_props.crv, larger.key_props.key_size], ["P-384", 384]);
    assert.deepEqual(larger.issuer, policy.issuer);
    const { issuer } = await change({ issuer: { name: "Unknown" } });
    assert.deepEqual(issuer, { ...policy.issuer, name: "Unknown" });
    const { key_props } = await change({ key_props: { crv: "P-256K" } });
    assert.equal(key_props.crv, "P-256K");
    const same = await change({ key_props: { key_size: 256 } });
    assert.equal(same.key_props.crv, "P-256K", "of that size already");
    const days = { lifetime_actions: [{ trigger: { days_before_expiry: 300 }, action: { action_type: "AutoRenew" } }] };
    await change(days);
    const short = { x509_props: { validity_months: 6 } };
    assert.match((await refused(400, "PATCH", "/certificates/web/policy", short)).message, /from 1 to 162/);
  });

  it("leaves the policy as it was changed while a new version's key was made", async () => {
    await ok(202, "POST", "/certificates/web/create", self());
    const create = harness.definition.operations.find(({ name }) => name === "CreateCertificate");
    assert.ok(create);
    const making = create.handle({
      ...{ method: "POST", host: "vault-1.vault.azure.net", path: "/certificates/web/create", params: { name: "web" } },
      ...{ query: new Map(), headers: { authorization: `Bearer ${harness.token()}` }, body: {}, raw: Buffer.alloc(0) },
      clientChain: () => [],
    });
    // An RSA key takes longer than a turn of the loop.
    await new Promise(setImmediate);
    const key = { vault: "vault-key-vault-1", kind: "certificate", name: "web" } as const;
    assert.equal(harness.deps.objects.versions(key, { after: "", top: 9 }).length, 1);
    const { policy } = harness.deps.objects.about(key);
    harness.deps.objects.setAbout(key, { policy: { ...(policy as object), lifetime_actions: [] } });
    assert.equal((await making).status, 202);
    assert.equal(harness.deps.objects.versions(key, { after: "", top: 9 }).length, 2);
    assert.deepEqual((await ok(200, "GET", "/certificates/web/policy")).lifetime_actions, []);
  });
});
