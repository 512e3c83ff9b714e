import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { handler as verifiedHandler } from "../../../providers/handlers/verifiedCertificateHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/provisioningServices/dps";

describe("certificate handlers", () => {
  let azure: FakeAzure;
  let ca: Record<string, unknown>;
  const inputs = { rootName: "R", intermediateName: "I", keyAlgorithm: "EC-P256" };
  const authority = () => authorityHandler(fakeGateway(azure));
  const verified = () => verifiedHandler(fakeGateway(azure));
  const order = (more: object = {}) => ({
    provisioningServiceId: SERVICE,
    name: "root",
    certificate: ca.rootCertificate,
    signingKey: ca.rootKey,
    verification: "proofOfPossession",
    ...more,
  });

  beforeEach(async () => {
    azure = fakeAzure();
    ca = (await authority().create(inputs)).outs;
  });

  it("issue a root and an intermediate that node:crypto accepts", () => {
    const root = new X509Certificate(String(ca.rootCertificate));
    const intermediate = new X509Certificate(String(ca.intermediateCertificate));
    assert.ok(root.ca && root.verify(root.publicKey));
    assert.ok(intermediate.ca && intermediate.verify(root.publicKey));
    assert.equal(ca.rootThumbprint, root.fingerprint.replaceAll(":", ""));
    assert.equal(new Date(String(ca.rootNotAfter)).getTime(), new Date(root.validTo).getTime());
  });

  it("see no change in the same order, a new intermediate in its name, a new authority in the root's", async () => {
    const diff = (more: object) => authority().diff("", ca, { ...inputs, ...more });
    assert.equal((await diff({})).changes, false);
    assert.deepEqual(await diff({ intermediateName: "J" }), { changes: true, replaces: [] });
    assert.deepEqual((await diff({ rootName: "S" })).replaces, ["rootName"]);
  });

  it("keep the root if the intermediate is issued again", async () => {
    const { outs } = await authority().update("", ca, { ...inputs, intermediateName: "J" });
    assert.equal(outs.rootCertificate, ca.rootCertificate);
    assert.equal(outs.rootKey, ca.rootKey);
    assert.notEqual(outs.intermediateThumbprint, ca.intermediateThumbprint);
    const root = new X509Certificate(String(outs.rootCertificate));
    assert.ok(new X509Certificate(String(outs.intermediateCertificate)).verify(root.publicKey));
  });

  it("pass names that a preview does not know yet", async () => {
    const unknown = { rootName: UNKNOWN, intermediateName: UNKNOWN };
    assert.deepEqual((await authority().check({}, { ...inputs, ...unknown })).failures, []);
    const inVault = { vaultUri: UNKNOWN, owner: "o", rootKeyName: UNKNOWN, intermediateKeyName: UNKNOWN };
    assert.deepEqual((await authority().check({}, { ...inputs, ...inVault })).failures, []);
  });

  it("refuse an intermediate with the root's name, and an unknown algorithm", async () => {
    const { failures } = await authority().check({}, { rootName: "A", intermediateName: "A", keyAlgorithm: "DSA" });
    assert.deepEqual(failures.map(({ property }) => property).sort(), ["intermediateName", "keyAlgorithm"]);
  });

  it("issue a device's leaf with its whole chain, and keep the issuer's key out of the outputs", async () => {
    const given = {
      registrationId: "dev-1",
      issuerCertificate: ca.intermediateCertificate,
      issuerKey: ca.intermediateKey,
      issuerChain: ca.rootCertificate,
    };
    const handler = deviceHandler(fakeGateway(azure));
    const checked = (await handler.check({}, given)).inputs;
    const { id, outs } = await handler.create(checked);
    assert.equal(id, "dev-1");
    assert.equal(String(outs.certificateChain).match(/BEGIN CERTIFICATE/g)?.length, 3);
    assert.equal(new X509Certificate(String(outs.certificate)).subject, "CN=dev-1");
    assert.equal(outs.issuerKey, undefined);
    assert.equal((await handler.diff(id, outs, checked)).changes, false);
    assert.deepEqual((await handler.diff(id, outs, { ...checked, registrationId: "dev-2" })).replaces, [
      "registrationId",
    ]);
  });

  it("prove possession: a leaf whose CN is the code, signed by the root, each step with the last ETag", async () => {
    const { outs } = await verified().create(order());
    assert.deepEqual(azure.calls, ["put root", "code root", "verify root"]);
    assert.equal(outs.isVerified, true);
    assert.equal(outs.signingKey, undefined);
    const [proof] = azure.proofs;
    assert.ok(proof);
    assert.ok(proof.isSignedBy(new X509Certificate(String(ca.rootCertificate)).publicKey));
    assert.match(proof.commonName ?? "", /^[0-9A-F]{48}$/);
    assert.equal((await verified().diff("", outs, order())).changes, false);
  });

  it("take the uploader's word where it is asked for, and need no key then", async () => {
    const asserted = order({ verification: "asserted", signingKey: undefined });
    assert.deepEqual((await verified().check({}, asserted)).failures, []);
    const { outs } = await verified().create(asserted);
    assert.equal(outs.isVerified, true);
    assert.deepEqual(azure.calls, ["put root"]);
    const { failures } = await verified().check({}, order({ signingKey: undefined }));
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["signingKey"],
    );
    assert.match(failures[0]?.reason ?? "", /private key.*`asserted`/);
  });

  it("ask for service, name and certificate, take no key for one, and replace in another service or name", async () => {
    const none = await verified().check({}, { signingKey: "k" });
    assert.deepEqual(
      none.failures.map(({ property }) => property),
      ["provisioningServiceId", "name", "certificate"],
    );
    const wrong = await verified().check({}, order({ certificate: ca.rootKey, name: "a b", verification: "no" }));
    assert.deepEqual(
      wrong.failures.map(({ property }) => property),
      ["name", "certificate", "verification"],
    );
    const { outs } = await verified().create(order());
    const diff = await verified().diff("", outs, order({ name: "next", provisioningServiceId: `${SERVICE}2` }));
    assert.deepEqual(diff.replaces, ["provisioningServiceId", "name"]);
  });

  it("go on where an upload meets its own certificate with 409, and nowhere else", async () => {
    const gateway = fakeGateway(azure);
    let reads = 0;
    // The same upload, of a run that was killed, arrives between the first read and the write.
    const racing: typeof gateway.certificate = (service, name) => {
      const client = gateway.certificate(service, name);
      return { ...client, get: async () => (++reads === 1 ? undefined : client.get()) };
    };
    await gateway.certificate(SERVICE, "root").put(String(ca.rootCertificate), false);
    azure.failures.set("put root", { status: 409, code: "409100" });
    assert.equal((await verifiedHandler({ ...gateway, certificate: racing }).create(order())).outs.isVerified, true);
    azure.certificates.clear();
    for (const status of [404, 429, 500]) {
      azure.failures.set("put root", { status, code: `code${status}` });
      await assert.rejects(verified().create(order()), new RegExp(`code${status}`));
    }
  });

  it("keep the upload when the proof fails, and go on from it", async () => {
    azure.failures.set("verify root", { status: 500, code: "500001" });
    const failed = await verified()
      .create(order())
      .then(
        () => assert.fail("it should fail"),
        (error: unknown) => error,
      );
    assert.ok(failed instanceof PartialError);
    assert.equal(failed.id, `${SERVICE}/certificates/root`);
    assert.equal(failed.properties.isVerified, false);
    assert.doesNotMatch(JSON.stringify(failed.properties) + failed.message, /PRIVATE KEY/);
    assert.equal((await verified().diff("", failed.properties, order())).changes, true);
    const { outs } = await verified().update("", failed.properties, order());
    assert.equal(outs.isVerified, true);
    assert.deepEqual(azure.calls.filter((call) => call === "put root").length, 1);
  });

  it("adopt the same certificate that a killed run uploaded", async () => {
    await fakeGateway(azure).certificate(SERVICE, "root").put(String(ca.rootCertificate), false);
    assert.equal((await verified().create(order())).outs.isVerified, true);
    assert.deepEqual(azure.calls.filter((call) => call === "put root").length, 1);
  });

  it("refuse another certificate of the name before anything is written, and say what helps", async () => {
    const theirs = await fakeGateway(azure).certificate(SERVICE, "root").put(String(ca.intermediateCertificate), true);
    for (const adopt of [undefined, false, "e99"]) {
      await assert.rejects(verified().create(order({ adopt })), ({ message }: Error) => {
        assert.match(message, new RegExp(theirs.properties.thumbprint));
        assert.match(message, adopt === "e99" ? /ETag is e1 now, and not e99/ : /another name.*delete.*`adopt`.*e1/);
        assert.doesNotMatch(message, /refresh|PRIVATE KEY/);
        return true;
      });
    }
    assert.deepEqual(azure.certificates.get("root"), theirs);
    assert.deepEqual(azure.calls, ["put root"]);
  });

  for (const adopt of [true, "e1", '"e1"'])
    it(`take over another certificate of the name with adopt ${adopt}, by its ETag, and verify it`, async () => {
      await fakeGateway(azure).certificate(SERVICE, "root").put(String(ca.intermediateCertificate), true);
      const { inputs: checked, failures } = await verified().check({}, order({ adopt }));
      assert.deepEqual(failures, []);
      const { outs } = await verified().create(checked);
      assert.deepEqual([outs.thumbprint, outs.isVerified, outs.adopt], [ca.rootThumbprint, true, undefined]);
      assert.equal((await verified().diff("", outs, order())).changes, false);
      const { failures: wrong } = await verified().check({}, order({ adopt: "" }));
      assert.deepEqual(
        wrong.map(({ property }) => property),
        ["adopt"],
      );
    });

  it("refuse to take over what was changed between the read and the write", async () => {
    await fakeGateway(azure).certificate(SERVICE, "root").put(String(ca.intermediateCertificate), true);
    azure.failures.set("put root", { status: 412, code: "PreconditionFailed" });
    await assert.rejects(verified().create(order({ adopt: true })), /PreconditionFailed/);
  });

  it("replace another certificate under the name with the ETag of the state, and verify it", async () => {
    const { outs } = await verified().create(order());
    const other = (await authority().create({ ...inputs, rootName: "S" })).outs;
    const next = order({ certificate: other.rootCertificate, signingKey: other.rootKey });
    assert.equal((await verified().diff("", outs, next)).changes, true);
    const updated = await verified().update("", outs, next);
    assert.equal(updated.outs.thumbprint, other.rootThumbprint);
    assert.equal(updated.outs.isVerified, true);
    await assert.rejects(verified().update("", outs, order()), /PreconditionFailed/);
  });

  it("continue if the response to an upload or verification was lost", async () => {
    const gateway = fakeGateway(azure);
    const lossy: typeof gateway.certificate = (service, name) => {
      const client = gateway.certificate(service, name);
      // The transport sends each call again, and the second one meets the first one's ETag.
      return {
        ...client,
        put: async (pem, isVerified, etag) => {
          await client.put(pem, isVerified, etag);
          return client.put(pem, isVerified, etag);
        },
        verify: async (pem, etag) => {
          await client.verify(pem, etag);
          return client.verify(pem, etag);
        },
      };
    };
    const handler = verifiedHandler({ ...gateway, certificate: lossy });
    const { outs } = await handler.create(order());
    assert.equal(outs.isVerified, true);
    const other = (await authority().create({ ...inputs, rootName: "S" })).outs;
    const next = order({ certificate: other.rootCertificate, signingKey: other.rootKey });
    const updated = await handler.update("", outs, next);
    assert.deepEqual([updated.outs.thumbprint, updated.outs.isVerified], [other.rootThumbprint, true]);
  });

  it("read a lost verification and a foreign certificate as changes, and a missing one as gone", async () => {
    const { id, outs } = await verified().create(order());
    assert.deepEqual((await verified().read(id, outs)).props, outs);
    const present = azure.certificates.get("root");
    assert.ok(present);
    azure.certificates.set("root", { ...present, properties: { ...present.properties, isVerified: false } });
    const lost = await verified().read(id, outs);
    assert.equal((await verified().diff(id, lost.props, order())).changes, true);
    azure.certificates.set("root", { ...present, properties: { ...present.properties, thumbprint: "AB" } });
    const foreign = await verified().read(id, outs);
    assert.equal(foreign.props.certificate, "another certificate: AB");
    azure.certificates.clear();
    assert.equal((await verified().read(id, outs)).id, "");
  });

  it("delete with the ETag of the moment, and take absence for done", async () => {
    const { id, outs } = await verified().create(order());
    await verified().delete(id, { ...outs, etag: '"stale"' });
    assert.equal(azure.certificates.size, 0);
    await verified().delete(id, outs);
    await verified().create(order());
    azure.failures.set("delete root", { status: 429, code: "429001" });
    await assert.rejects(verified().delete(id, outs), /429001/);
  });
});
