import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { issueDevice, issueRoot } from "../../../../../certs/issue";
import { readRequest } from "../../../../../certs/request";
import { daysFromNow, NOW, newSigner, OpenSsl, stoppedClock } from "../../../../cast/certs";
import { expectStatus, type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

/** What the recordings of azure-keyvault-certificates for Python have of imports and merges. */
describe("certificates that Azure was recorded to take", () => {
  const openssl = new OpenSsl();
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());
  after(() => openssl.dispose());

  const ok = (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    expectStatus(harness, status, method, path, body);

  /** A PKCS#12 file in the encryption of old programs, of a certificate with a state in its subject. */
  function oldPkcs12(): Buffer {
    const subject = "/C=US/ST=Washington/L=Redmond/CN=device-01";
    const validity = ["-days", "365"];
    openssl.run("req", "-x509", ...openssl.rsaKey(), "-out", "c.pem", "-subj", subject, ...validity);
    const encryption = ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"];
    openssl.run(
      "pkcs12",
      "-export",
      "-in",
      "c.pem",
      "-inkey",
      "k.pem",
      "-out",
      "o.p12",
      "-passout",
      "pass:p",
      ...encryption,
    );
    return readFileSync(join(openssl.folder, "o.p12"));
  }

  it("are PKCS#12 files with RC2 and Triple DES; a state of the subject reads S=, and the action is AutoRenew", async () => {
    const bundle = await ok(200, "POST", "/certificates/c/import", { value: oldPkcs12().toString("base64"), pwd: "p" });
    const { x509_props, lifetime_actions } = bundle.policy;
    assert.match(x509_props.subject, /\bS=Washington\b/);
    assert.deepEqual(
      lifetime_actions.map(({ action }: Body) => action.action_type),
      ["AutoRenew"],
    );
    const version = await ok(200, "GET", `/certificates/c/${bundle.id.split("/").at(-1)}`);
    assert.deepEqual([version.policy, version.pending], [undefined, undefined]);
    assert.equal((await ok(200, "GET", "/certificates/c")).policy.x509_props.subject, x509_props.subject);
  });

  it("are merged where base64 is encoded twice, as the SDK for Python does", async () => {
    const policy = { issuer: { name: "Unknown" }, key_props: { kty: "EC" }, x509_props: { subject: "CN=device-01" } };
    const { csr } = await ok(202, "POST", "/certificates/c/create", { policy });
    const signer = await newSigner();
    const clock = stoppedClock(NOW);
    const certificate = await issueRoot({ commonName: "outside", signer, clock });
    const { publicKey } = readRequest(csr);
    const leaf = await issueDevice({ registrationId: "device-01", publicKey, issuer: { certificate, signer }, clock });
    assert.ok(leaf.notAfter > daysFromNow(1));
    const x5c = [Buffer.from(leaf.raw.toString("base64")).toString("base64")];
    const bundle = await ok(201, "POST", "/certificates/c/pending/merge", { x5c });
    assert.equal(bundle.cer, leaf.raw.toString("base64"));
  });
});
