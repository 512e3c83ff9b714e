import { strict as assert } from "node:assert";
import { issueDevice, issueRoot } from "../../../../../certs/issue";
import { generateKeyPair } from "../../../../../certs/keys";
import { readRequest } from "../../../../../certs/request";
import { KeySigner } from "../../../../../certs/signer";
import { expectStatus, type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

const POLICY = {
  issuer: { name: "Unknown" },
  key_props: { kty: "EC", crv: "P-256" },
  x509_props: { subject: "CN=device-01" },
};

describe("pending certificates of a vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const ok = (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    expectStatus(harness, status, method, path, body);
  const refused = async (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    (await ok(status, method, path, body)).error;
  const begin = (more: object = {}): Promise<Body> =>
    ok(202, "POST", "/certificates/c/create", { policy: POLICY, ...more });

  /** A CA that has nothing to do with the vault. */
  async function outside() {
    const clock = harness.services.clock;
    const signer = new KeySigner(await generateKeyPair("EC-P256"));
    const root = await issueRoot({ commonName: "outside", signer, clock });
    const issuer = { certificate: root, signer };
    const issue = (publicKey: Uint8Array) => issueDevice({ registrationId: "device-01", publicKey, issuer, clock });
    return { root, issue };
  }

  it("asks for a certificate by a request that anybody can sign, and takes the certificate in", async () => {
    const pending = await begin({ tags: { a: "1" } });
    assert.deepEqual([pending.status, pending.cancellation_requested], ["inProgress", false]);
    assert.equal(pending.status_details, "Pending certificate created. Please Perform Merge to complete the request.");
    assert.match(pending.csr, /^[A-Za-z0-9+/]+={0,2}$/, "standard base64");
    const request = readRequest(pending.csr);
    assert.equal(request.subject, "CN=device-01");
    const { root, issue } = await outside();
    const leaf = await issue(request.publicKey);
    const x5c = [leaf, root].map((each) => each.raw.toString("base64"));
    const bundle = await ok(201, "POST", "/certificates/c/pending/merge", { x5c });
    assert.deepEqual([bundle.cer, bundle.tags], [x5c[0], { a: "1" }]);
    assert.deepEqual(bundle.pending, { id: "https://vault-1.vault.azure.net/certificates/c/pending" });
    assert.equal((await ok(200, "GET", "/certificates/c")).id, bundle.id);
    const done = await ok(200, "GET", "/certificates/c/pending");
    assert.deepEqual([done.status, done.target], ["completed", "https://vault-1.vault.azure.net/certificates/c"]);
    const { value } = await ok(200, "GET", "/secrets/c");
    assert.ok(Buffer.from(value, "base64").includes(root.raw), "the chain is in the secret");
    const again = await refused(404, "POST", "/certificates/c/pending/merge", { x5c });
    assert.equal(again.code, "PendingCertificateNotFound");
  });

  it("accepts base64url too, and finds the leaf at any position", async () => {
    const { csr } = await begin();
    const { root, issue } = await outside();
    const leaf = await issue(readRequest(csr).publicKey);
    const x5c = [root, leaf].map((each) => each.raw.toString("base64url"));
    assert.equal((await ok(201, "POST", "/certificates/c/pending/merge", { x5c })).cer, leaf.raw.toString("base64"));
  });

  it("refuses a certificate of another key, invalid content, and an empty merge", async () => {
    await begin();
    const { root } = await outside();
    const merge = (x5c: unknown) => refused(400, "POST", "/certificates/c/pending/merge", { x5c });
    const refusal = await merge([root.raw.toString("base64")]);
    assert.equal(refusal.code, "BadParameter");
    assert.match(refusal.message, /^The public key of the end-entity certificate .* does not match/);
    assert.match((await merge(["AAAA"])).message, /x5c must contain certificates/);
    assert.match((await merge([])).message, /x5c must not be empty/);
    assert.match((await merge("AAAA")).message, /x5c must be a list/);
    const none = await refused(404, "POST", "/certificates/none/pending/merge", { x5c: [] });
    assert.equal(none.code, "PendingCertificateNotFound");
    assert.equal((await ok(200, "GET", "/certificates/c/pending")).status, "inProgress");
  });

  it("refuses to merge where a key of its own has taken the name meanwhile", async () => {
    const { csr } = await begin();
    await ok(200, "POST", "/keys/c/create", { kty: "EC" });
    const { issue } = await outside();
    const x5c = [(await issue(readRequest(csr).publicKey)).raw.toString("base64")];
    const refusal = await refused(409, "POST", "/certificates/c/pending/merge", { x5c });
    assert.deepEqual([refusal.code, refusal.message.slice(0, 20)], ["Conflict", "Key c already exists"]);
    await ok(200, "DELETE", "/keys/c");
    await ok(204, "DELETE", "/deletedkeys/c");
    await ok(201, "POST", "/certificates/c/pending/merge", { x5c });
  });

  it("shows the pending certificate as disabled and without content, and lists it on request", async () => {
    await begin();
    const bundle = await ok(200, "GET", "/certificates/c");
    assert.deepEqual([bundle.attributes.enabled, bundle.cer, bundle.x5t], [false, undefined, undefined]);
    assert.equal(bundle.policy.issuer.name, "Unknown");
    assert.equal((await ok(200, "GET", `/certificates/c/${bundle.id.split("/").at(-1)}`)).id, bundle.id);
    assert.equal((await ok(200, "GET", "/certificates/c/policy")).x509_props.subject, "CN=device-01");
    assert.deepEqual((await ok(200, "GET", "/certificates")).value, []);
    const { value } = await ok(200, "GET", "/certificates?includePending=true");
    assert.deepEqual(
      value.map(({ id }: Body) => id),
      ["https://vault-1.vault.azure.net/certificates/c"],
    );
    assert.equal((await refused(404, "GET", `/certificates/c/${"0".repeat(32)}`)).code, "CertificateNotFound");
  });

  it("changes the policy of a pending certificate", async () => {
    await begin();
    await ok(200, "PATCH", "/certificates/c/policy", { secret_props: { contentType: "application/x-pem-file" } });
    const { csr } = await ok(200, "GET", "/certificates/c/pending");
    const { issue } = await outside();
    const x5c = [(await issue(readRequest(csr).publicKey)).raw.toString("base64")];
    await ok(201, "POST", "/certificates/c/pending/merge", { x5c });
    assert.match((await ok(200, "GET", "/secrets/c")).value, /PRIVATE KEY/);
  });

  it("keeps the current version until the next one exists", async () => {
    const first = await begin();
    const { issue } = await outside();
    const merge = async ({ csr }: Body) =>
      ok(201, "POST", "/certificates/c/pending/merge", {
        x5c: [(await issue(readRequest(csr).publicKey)).raw.toString("base64")],
      });
    const current = await merge(first);
    const second = await begin();
    assert.notEqual(second.csr, first.csr);
    assert.equal((await ok(200, "GET", "/certificates/c")).id, current.id);
    const next = await merge(second);
    assert.notEqual(next.id, current.id);
    assert.equal((await ok(200, "GET", "/certificates/c")).id, next.id);
  });

  it("filters by the request's id, cancels as a wish, and refuses another beside it", async () => {
    const { request_id } = await begin();
    assert.equal((await ok(200, "GET", `/certificates/c/pending?request_id=${request_id}`)).status, "inProgress");
    const strange = await refused(404, "GET", `/certificates/c/pending?request_id=${"0".repeat(32)}`);
    assert.equal(strange.code, "PendingCertificateNotFound");
    const cancelled = await ok(200, "PATCH", "/certificates/c/pending", { cancellation_requested: true });
    assert.deepEqual([cancelled.cancellation_requested, cancelled.status], [true, "inProgress"]);
    assert.equal((await refused(400, "PATCH", "/certificates/c/pending", {})).code, "BadParameter");
    const conflict = await refused(409, "POST", "/certificates/c/create", { policy: POLICY });
    assert.equal(conflict.code, "Forbidden");
    assert.match(conflict.message, /while a pending key vault certificate's status is inProgress\.$/);
    assert.equal((await ok(200, "DELETE", "/certificates/c/pending")).request_id, request_id);
    for (const path of ["/certificates/c/pending", "/certificates/c"]) {
      assert.match((await refused(404, "GET", path)).code, /CertificateNotFound$/);
    }
    await begin();
  });

  it("refuses to cancel a completed operation", async () => {
    await ok(202, "POST", "/certificates/c/create", { policy: { ...POLICY, issuer: { name: "Self" } } });
    const refusal = await refused(400, "PATCH", "/certificates/c/pending", { cancellation_requested: true });
    assert.equal(refusal.code, "BadParameter");
  });

  it("deletes a pending certificate, and recovers it", async () => {
    await begin();
    const deleted = await ok(200, "DELETE", "/certificates/c");
    assert.deepEqual([deleted.cer, deleted.attributes.enabled], [undefined, false]);
    assert.equal((await refused(404, "GET", "/certificates/c/pending")).code, "PendingCertificateNotFound");
    assert.equal((await ok(200, "GET", "/deletedcertificates/c")).recoveryId, deleted.recoveryId);
    await ok(200, "POST", "/deletedcertificates/c/recover");
    assert.equal((await ok(200, "GET", "/certificates/c")).attributes.enabled, false);
  });

  it("writes no pending key in plain into the store", async () => {
    await begin();
    const row = harness.services.database.get("SELECT * FROM vault_pending_certificate");
    const sealed = Buffer.from((row?.sealed ?? "") as Buffer);
    assert.ok(sealed.length > 100);
    // Version and algorithm of PKCS#8 for an EC key, in plain text.
    assert.ok(!sealed.includes(Buffer.from("020100301306072a8648ce3d0201", "hex")));
    assert.doesNotMatch(String(row?.detail), /"d":|PRIVATE/);
  });
});
