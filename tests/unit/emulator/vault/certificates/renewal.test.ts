import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { readCertificates } from "../../../../../certs/certificate";
import { DAY_SECONDS } from "../../../../../emulator/kernel/clock";
import { expectStatus, type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

const EC = { kty: "EC", crv: "P-256" };
const PEM = { contentType: "application/x-pem-file" };
const renew = (trigger: object, action_type = "AutoRenew") => [{ trigger, action: { action_type } }];

describe("renewal of a vault's certificates", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const ok = (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    expectStatus(harness, status, method, path, body);
  const policyOf = (more: object = {}) => ({
    issuer: { name: "Self" },
    key_props: EC,
    secret_props: PEM,
    x509_props: { subject: "CN=web", validity_months: 12 },
    ...more,
  });
  /** A certificate `web` that lasts from 2026-03-01T11:50:00Z to 2027-03-01T12:00:00Z. */
  const make = async (more: object = {}): Promise<Body> => {
    await ok(202, "POST", "/certificates/web/create", { policy: policyOf(more), tags: { line: "1" } });
    return ok(200, "GET", "/certificates/web");
  };
  const versions = async (): Promise<Body[]> => (await ok(200, "GET", "/certificates/web/versions")).value;
  const versionOf = (id: string): string => id.split("/").at(-1) ?? "";
  const x509 = (bundle: Body) => new X509Certificate(Buffer.from(bundle.cer, "base64"));
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

  it("adds a version with a new key at the percentage of its lifetime, and keeps the old version", async () => {
    const first = await make();
    const { nbf, exp } = first.attributes;
    const due = nbf + Math.ceil((exp - nbf) * 0.8);
    harness.services.clock.advance(due - 1 - first.attributes.created);
    assert.equal((await ok(200, "GET", "/certificates/web")).id, first.id);
    harness.services.clock.advance(1);
    const [second, other] = await Promise.all([
      ok(200, "GET", "/certificates/web"),
      ok(200, "GET", "/certificates/web"),
    ]);
    assert.notEqual(second.id, first.id);
    assert.equal(other.id, second.id, "one version for concurrent requests");
    assert.equal((await versions()).length, 2);
    assert.deepEqual(second.attributes, {
      ...first.attributes,
      created: due,
      updated: due,
      nbf: due - 600,
      exp: second.attributes.exp,
    });
    assert.equal(iso(second.attributes.exp), iso(due).replace("2026", "2027"));
    assert.deepEqual(second.tags, { line: "1" });
    assert.deepEqual(second.policy, first.policy, "the policy is not changed by it");
    assert.equal(x509(second).subject, "CN=web");
    assert.notDeepEqual(
      x509(second).publicKey.export({ format: "jwk" }),
      x509(first).publicKey.export({ format: "jwk" }),
    );
    const key = await ok(200, "GET", "/keys/web");
    assert.equal(key.key.x, x509(second).publicKey.export({ format: "jwk" }).x);
    const secret = await ok(200, "GET", "/secrets/web");
    assert.equal(secret.id, second.sid);
    const [inside] = readCertificates(secret.value);
    assert.equal(inside?.raw.toString("base64"), second.cer);
    const pending = await ok(200, "GET", "/certificates/web/pending");
    assert.equal(pending.status, "completed");
    assert.equal((await ok(200, "GET", `/certificates/web/${versionOf(first.id)}`)).cer, first.cer);
  });

  it("runs on any access: to the secret, the key, a list, or by a use of the key", async () => {
    const looks: [string, string, object | undefined, (body: Body) => string][] = [
      ["GET", "/secrets/web", undefined, ({ id }) => versionOf(id)],
      ["GET", "/keys/web", undefined, ({ key }) => versionOf(key.kid)],
      [
        "POST",
        "/keys/web/sign",
        { alg: "ES256", value: Buffer.alloc(32).toString("base64url") },
        ({ kid }) => versionOf(kid),
      ],
    ];
    let last = versionOf((await make()).id);
    for (const [method, path, body, versionIn] of looks) {
      harness.services.clock.advance(300 * DAY_SECONDS);
      const version = versionIn(await ok(200, method, path, body));
      assert.notEqual(version, last, path);
      assert.equal(versionOf((await ok(200, "GET", "/certificates/web")).id), version);
      last = version;
    }
    for (const kind of ["certificates", "keys", "secrets"]) {
      const before = (await ok(200, "GET", `/${kind}`)).value[0].attributes.exp;
      harness.services.clock.advance(300 * DAY_SECONDS);
      assert.ok((await ok(200, "GET", `/${kind}`)).value[0].attributes.exp > before, kind);
    }
  });

  it("keeps a reused key, and counts days before expiry", async () => {
    const first = await make({
      key_props: { ...EC, reuse_key: true },
      lifetime_actions: renew({ days_before_expiry: 30 }),
    });
    harness.services.clock.advance(335 * DAY_SECONDS - 1);
    assert.equal((await versions()).length, 1);
    harness.services.clock.advance(1);
    const second = await ok(200, "GET", "/certificates/web");
    assert.equal((await versions()).length, 2);
    assert.deepEqual(x509(second).publicKey.export({ format: "jwk" }), x509(first).publicKey.export({ format: "jwk" }));
    assert.notEqual(second.x5t, first.x5t);
    assert.notEqual(x509(second).serialNumber, x509(first).serialNumber);
  });

  it("adds a backdated version for each missed period, twelve at most", async () => {
    await make({
      x509_props: { subject: "CN=web", validity_months: 1 },
      lifetime_actions: renew({ days_before_expiry: 1 }),
    });
    harness.services.clock.advance(100 * DAY_SECONDS);
    const created = (await versions()).map(({ attributes }) => iso(attributes.created));
    assert.deepEqual(created, [
      "2026-03-01T12:00:00.000Z",
      "2026-03-31T12:00:00.000Z",
      "2026-04-29T12:00:00.000Z",
      "2026-05-28T12:00:00.000Z",
    ]);
    harness.services.clock.advance(3650 * DAY_SECONDS);
    const all = await versions();
    assert.equal(all.length, 4 + 12);
    const latest = await ok(200, "GET", "/certificates/web");
    const now = harness.services.clock.now().getTime() / 1000;
    assert.ok(latest.attributes.nbf <= now && now < latest.attributes.exp, "the latest is valid now");
  });

  it("follows a policy from the time it is set", async () => {
    const first = await make({ lifetime_actions: renew({ lifetime_percentage: 80 }, "EmailContacts") });
    harness.services.clock.advance(330 * DAY_SECONDS);
    assert.equal((await ok(200, "GET", "/certificates/web")).id, first.id, "EmailContacts renews nothing");
    await ok(200, "PATCH", "/certificates/web/policy", { lifetime_actions: renew({ lifetime_percentage: 50 }) });
    const second = await ok(200, "GET", "/certificates/web");
    assert.notEqual(second.id, first.id);
    assert.equal(second.attributes.created, first.attributes.created + 330 * DAY_SECONDS);
  });

  it("does not renew externally issued, pending or deleted certificates", async () => {
    const first = await make();
    await ok(200, "PATCH", "/certificates/web/policy", { issuer: { name: "Unknown" } });
    harness.services.clock.advance(800 * DAY_SECONDS);
    assert.equal((await ok(200, "GET", "/certificates/web")).id, first.id, "AutoRenew of an Unknown issuer");
    await ok(202, "POST", "/certificates/web/create", { policy: policyOf({ issuer: { name: "Unknown" } }) });
    await ok(200, "PATCH", "/certificates/web/policy", {
      issuer: { name: "Self" },
      lifetime_actions: renew({ lifetime_percentage: 80 }),
    });
    assert.equal((await ok(200, "GET", "/certificates/web")).id, first.id, "a request waits for its certificate");
    await ok(200, "DELETE", "/certificates/web");
    assert.equal((await ok(200, "GET", "/deletedcertificates/web")).id, first.id);
    await ok(200, "POST", "/deletedcertificates/web/recover");
    assert.notEqual((await ok(200, "GET", "/certificates/web")).id, first.id, "back, and due");
  });

  it("renews an import with issuer Self, with the same names", async () => {
    const sans = { dns_names: ["web.example", "*.web.example"], emails: ["web@example"] };
    const made = await make({ x509_props: { subject: "CN=web", sans } });
    const { value } = await ok(200, "GET", "/secrets/web");
    const imported = await ok(200, "POST", "/certificates/copy/import", {
      value,
      policy: { issuer: { name: "Self" }, lifetime_actions: renew({ lifetime_percentage: 80 }) },
    });
    assert.equal(imported.cer, made.cer);
    assert.deepEqual(imported.policy.x509_props.sans, sans);
    harness.services.clock.advance(300 * DAY_SECONDS);
    const renewed = await ok(200, "GET", "/certificates/copy");
    assert.notEqual(renewed.cer, made.cer);
    assert.equal(x509(renewed).subject, "CN=web");
    assert.equal(x509(renewed).subjectAltName, x509(made).subjectAltName);
  });

  it("keeps concurrent changes made during key generation", async () => {
    const first = await make();
    const key = { vault: "vault-key-vault-1", kind: "certificate", name: "web" } as const;
    const ids = () => harness.deps.objects.versions(key, { after: "", top: 9 }).map(({ version }) => version);
    harness.services.clock.advance(300 * DAY_SECONDS);
    const renewal = harness.lifetimes.applyDue(key);
    harness.deps.objects.remove(key, { retention: 90, settledAt: 0 });
    await renewal;
    assert.deepEqual(ids(), [versionOf(first.id)], "adds nothing to a deleted certificate");
    harness.deps.objects.recover(key, 0);
    const again = harness.lifetimes.applyDue(key);
    const certificate = harness.deps.objects.add(key, { detail: {} });
    await again;
    assert.deepEqual(ids(), [versionOf(first.id), certificate.version], "keeps the concurrent version");
  });
});
