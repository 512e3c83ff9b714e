import assert from "node:assert/strict";
import type { CertificateResponse } from "../../../../azure/wire/dpsCertificate";
import type { Issuer } from "../../../../certs/issue";
import { issueRoot, issueVerification } from "../../../../certs/issue";
import { PROFILES } from "../../../../certs/profiles";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";
import { daysFromNow, forge, NOW, newSigner, stoppedClock } from "../../../cast/certs";
import type { ServedResponse } from "../../../cast/served";

const GROUP = "/resourcegroups/rg-1";
const DPS = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`;
const ROOT = `${DPS}/certificates/Root`;
const clock = stoppedClock();

const certificateOf = ({ body }: ServedResponse) => body as CertificateResponse;

async function newRoot(commonName = "Unit Root"): Promise<Issuer> {
  const signer = await newSigner();
  return { certificate: await issueRoot({ commonName, signer, clock }), signer };
}

describe("certificates of provisioning services", () => {
  let root: Issuer;
  let stranger: Issuer;
  let harness: ArmHarness;

  before(async () => {
    root = await newRoot();
    stranger = await newRoot();
  });

  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    await harness.arm("PUT", DPS, { location: "westeurope", sku: { name: "S1", capacity: 1 } });
  });

  afterEach(() => harness.close());

  const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString("base64");
  const upload = (rest = {}) => harness.arm("PUT", ROOT, { certificate: base64(root.certificate.toPem()), ...rest });

  /** Uploads the root and generates a code: the state before a proof. */
  async function coded(): Promise<{ etag: string; code: string }> {
    const { etag } = certificateOf(await upload());
    const response = certificateOf(
      await harness.arm("POST", `${ROOT}/generateVerificationCode`, undefined, { "if-match": etag }),
    );
    return { etag: response.etag, code: response.properties.verificationCode ?? "" };
  }

  async function proof(code: string, issuer: Issuer): Promise<{ certificate: string }> {
    const { publicKey } = await newSigner();
    const leaf = await issueVerification({
      verificationCode: code,
      publicKey,
      issuer,
      clock,
      lifetimeDays: 1,
    });
    return { certificate: base64(leaf.toPem()) };
  }

  it("cannot be changed while another change of the service is in progress, but can be read", async () => {
    const { etag } = certificateOf(await upload());
    harness.shared.switches.realDelays = true;
    await harness.arm("PUT", DPS, { location: "westeurope", sku: { name: "S1", capacity: 2 } });
    const generateCode = () => harness.arm("POST", `${ROOT}/generateVerificationCode`, undefined, { "if-match": etag });
    for (const response of [
      await upload(),
      await generateCode(),
      await harness.arm("DELETE", ROOT, undefined, { "if-match": etag }),
    ]) {
      assert.deepEqual([response.status, errorOf(response).code], [409, 409002]);
      assert.match(errorOf(response).message, /'dps-1' is in the state Transitioning/);
    }
    assert.equal((await harness.arm("GET", ROOT)).status, 200);
    harness.shared.clock.advance(4);
    assert.equal((await generateCode()).status, 200);
  });

  it("are returned as CertificateResponse", async () => {
    const response = await upload();
    const { id, name, type, properties, etag } = certificateOf(response);
    assert.equal(response.status, 200);
    assert.match(
      id,
      /\/resourceGroups\/rg-1\/providers\/Microsoft\.Devices\/provisioningServices\/dps-1\/certificates\/Root$/,
    );
    assert.deepEqual([name, type], ["Root", "Microsoft.Devices/provisioningServices/Certificates"]);
    assert.match(etag, /^[A-Za-z0-9+/]{11}=$/);
    assert.deepEqual(properties, {
      subject: "Unit Root",
      expiry: root.certificate.notAfter.toUTCString(),
      thumbprint: root.certificate.sha1Thumbprint,
      isVerified: false,
      created: NOW.toUTCString(),
      updated: NOW.toUTCString(),
      certificate: null,
    });
    const list = (await harness.arm("GET", `${DPS}/certificates`)).body as { value: CertificateResponse[] };
    assert.deepEqual(list.value, [certificateOf(response)]);
  });

  it("are accepted as PEM, base64 of PEM and base64 of DER, flat and below properties", async () => {
    const pem = root.certificate.toPem();
    const contents = [pem, base64(pem), base64(root.certificate.raw)];
    const bodies = contents.flatMap((certificate) => [{ certificate }, { properties: { certificate } }]);
    for (const [index, body] of bodies.entries()) {
      const response = await harness.arm("PUT", `${DPS}/certificates/c-${index}`, body);
      assert.equal(certificateOf(response).properties.thumbprint, root.certificate.sha1Thumbprint);
    }
  });

  it("can be asserted as verified at upload, in both shapes", async () => {
    assert.equal(certificateOf(await upload({ isVerified: true })).properties.isVerified, true);
    const body = { properties: { certificate: root.certificate.toPem(), isVerified: true } };
    assert.equal(certificateOf(await harness.arm("PUT", `${DPS}/certificates/b`, body)).properties.isVerified, true);
  });

  for (const [what, path, body] of [
    ["without a certificate", ROOT, {}],
    ["with nonsense for a certificate", ROOT, { certificate: "bm9uc2Vuc2U=" }],
    ["with an isVerified that is not a boolean", ROOT, { isVerified: "yes" }],
    ["with a name that Azure does not allow", `${DPS}/certificates/a%20b`, { certificate: "x" }],
  ] as const) {
    it(`are refused ${what}`, async () => {
      const response = await harness.arm("PUT", path, body);
      assert.deepEqual([response.status, errorOf(response).code], [400, 400004]);
      assert.deepEqual((await harness.arm("GET", `${DPS}/certificates`)).body, { value: [] });
    });
  }

  it("are replaced with the current ETag only, and are then unverified", async () => {
    const first = certificateOf(await upload({ isVerified: true }));
    for (const headers of [undefined, { "if-match": "AAAAAAAAAAA=" }]) {
      const response = await harness.arm("PUT", ROOT, { certificate: stranger.certificate.toPem() }, headers);
      assert.deepEqual([response.status, errorOf(response).code], [412, 412001]);
    }
    assert.deepEqual(certificateOf(await harness.arm("GET", ROOT)), first);
    const body = { certificate: stranger.certificate.toPem() };
    const second = certificateOf(await harness.arm("PUT", ROOT, body, { "if-match": first.etag }));
    assert.equal(second.properties.thumbprint, stranger.certificate.sha1Thumbprint);
    assert.equal(second.properties.isVerified, false);
    assert.notEqual(second.etag, first.etag);
  });

  it("are not created with an If-Match", async () => {
    const body = { certificate: root.certificate.toPem() };
    assert.equal((await harness.arm("PUT", ROOT, body, { "if-match": "*" })).status, 412);
    assert.equal((await harness.arm("GET", ROOT)).status, 404);
  });

  it("return 404015 where they do not exist", async () => {
    for (const [method, path] of [
      ["GET", ROOT],
      ["POST", `${ROOT}/generateVerificationCode`],
      ["POST", `${ROOT}/verify`],
    ] as const) {
      const response = await harness.arm(method, path, method === "POST" ? {} : undefined, { "if-match": "x" });
      assert.deepEqual([response.status, errorOf(response).code], [404, 404015]);
      assert.match(errorOf(response).message, /^Certificate 'Root' not found\. .* errorcode: IH404015\.$/);
      assert.equal((response.body as { httpStatusCode: string }).httpStatusCode, "NotFound");
    }
    assert.equal((await harness.arm("DELETE", ROOT)).status, 204);
  });

  it("are verified once by a leaf with the code that the CA signed", async () => {
    const { etag, code } = await coded();
    assert.match(code, /^[0-9A-F]{48}$/);
    const body = await proof(code, root);
    const response = certificateOf(await harness.arm("POST", `${ROOT}/verify`, body, { "if-match": etag }));
    assert.equal(response.properties.isVerified, true);
    assert.notEqual(response.etag, etag);
    const key = harness.deps.directory.provisioningService("dps-1")?.key ?? "";
    assert.deepEqual(
      harness.deps.directory.certificates(key).map(({ name, isVerified }) => [name, isVerified]),
      [["Root", true]],
    );
    const again = await harness.arm("POST", `${ROOT}/verify`, body, { "if-match": response.etag });
    assert.deepEqual([again.status, errorOf(again).code], [400, 400053]);
  });

  for (const [what, profile, days] of [
    ["expired", PROFILES.root, [-20, -10]],
    ["not valid yet", PROFILES.root, [10, 20]],
    ["no CA certificates", PROFILES.device, [-1, 30]],
  ] as const) {
    it(`are taken, and verified by who has the key, where they are ${what}`, async () => {
      const signer = await newSigner();
      const [from, to] = days.map(daysFromNow);
      const certificate = await forge({ issuer: root, publicKey: signer.publicKey, profile, from, to });
      const path = `${DPS}/certificates/Other`;
      const put = await harness.arm("PUT", path, { certificate: certificate.toPem() });
      assert.equal(put.status, 200);
      const headers = { "if-match": certificateOf(put).etag };
      const coded = certificateOf(await harness.arm("POST", `${path}/generateVerificationCode`, undefined, headers));
      const leaf = await forge({
        issuer: { certificate, signer },
        publicKey: (await newSigner()).publicKey,
        commonName: coded.properties.verificationCode,
      });
      const verified = await harness.arm(
        "POST",
        `${path}/verify`,
        { certificate: leaf.toPem() },
        { "if-match": coded.etag },
      );
      assert.deepEqual([verified.status, certificateOf(verified).properties.isVerified], [200, true]);
    });
  }

  it("return a new code each time, and only the last one is valid", async () => {
    const { etag, code } = await coded();
    const next = certificateOf(
      await harness.arm("POST", `${ROOT}/generateVerificationCode`, undefined, { "if-match": etag }),
    );
    assert.notEqual(next.properties.verificationCode, code);
    const response = await harness.arm("POST", `${ROOT}/verify`, await proof(code, root), { "if-match": next.etag });
    assert.deepEqual([response.status, errorOf(response).code], [400, 400053]);
  });

  for (const [what, make, message] of [
    ["a leaf with another common name", (_code: string) => proof("A".repeat(48), root), /is not the verification code/],
    [
      "a leaf of another CA of the same name",
      (code: string) => proof(code, stranger),
      /'CN=Unit Root' cannot be found/,
    ],
    [
      "a leaf that has expired",
      async (code: string) => {
        const body = await proof(code, root);
        harness.shared.clock.advance(2 * 86_400);
        return body;
      },
      /validity/,
    ],
    [
      "the CA itself",
      async (_code: string) => ({ certificate: root.certificate.toPem() }),
      /is not the verification code/,
    ],
  ] as const) {
    it(`are not verified by ${what}`, async () => {
      const { etag, code } = await coded();
      const before = (await harness.arm("GET", ROOT)).body;
      const response = await harness.arm("POST", `${ROOT}/verify`, await make(code), { "if-match": etag });
      assert.deepEqual([response.status, errorOf(response).code], [400, 400053]);
      assert.match(errorOf(response).message, /^Proof-Of-Possession failed\. /);
      assert.match(errorOf(response).message, message);
      assert.deepEqual((await harness.arm("GET", ROOT)).body, before);
    });
  }

  it("are not verified before a code is generated, nor by an invalid certificate", async () => {
    const { etag } = certificateOf(await upload());
    const none = await harness.arm("POST", `${ROOT}/verify`, await proof("A".repeat(48), root), { "if-match": etag });
    assert.deepEqual([none.status, errorOf(none).code], [400, 400053]);
    const nonsense = await harness.arm("POST", `${ROOT}/verify`, { certificate: "AAAA" }, { "if-match": etag });
    assert.deepEqual([nonsense.status, errorOf(nonsense).code], [400, 400004]);
  });

  it("refuse every step without the current ETag", async () => {
    const { etag, code } = await coded();
    const body = await proof(code, root);
    for (const headers of [undefined, { "if-match": "AAAAAAAAAAA=" }]) {
      for (const [method, path] of [
        ["POST", `${ROOT}/generateVerificationCode`],
        ["POST", `${ROOT}/verify`],
        ["DELETE", ROOT],
      ] as const) {
        const response = await harness.arm(method, path, method === "POST" ? body : undefined, headers);
        assert.deepEqual([response.status, errorOf(response).code], [412, 412001], `${method} ${path}`);
      }
    }
    assert.equal((await harness.arm("DELETE", ROOT, undefined, { "if-match": etag })).status, 200);
    assert.equal((await harness.arm("GET", ROOT)).status, 404);
  });

  it("are limited to 25 when limits are on", async () => {
    harness.shared.switches.throttling = true;
    const body = { certificate: root.certificate.toPem() };
    for (let index = 0; index < 25; index += 1) {
      assert.equal((await harness.arm("PUT", `${DPS}/certificates/c-${index}`, body)).status, 200);
    }
    const response = await harness.arm("PUT", `${DPS}/certificates/c-25`, body);
    assert.deepEqual([response.status, errorOf(response).code], [403, 403002]);
    harness.shared.switches.throttling = false;
    assert.equal((await harness.arm("PUT", `${DPS}/certificates/c-25`, body)).status, 200);
  });
});
