import { strict as assert } from "node:assert";
import type { Certificate } from "../../../../certs/certificate";
import { type Issuer, issueDevice, issueIntermediate, issueRoot } from "../../../../certs/issue";
import { newSigner, stoppedClock } from "../../../cast/certs";
import { DataPlane, DPS_HOST } from "../../../cast/dataPlane";

const clock = stoppedClock();

/** As Azure's documents on disenrolling ("How to disenroll a device", "X.509 certificate attestation", "How to roll"). */
describe("DPS device API: certificates of disabled enrollments", () => {
  let plane: DataPlane;
  let root: Issuer;
  let a: Issuer;
  let b: Issuer;
  const chains = new Map<string, readonly Certificate[]>();

  async function intermediate(commonName: string, signer: Issuer["signer"]): Promise<Issuer> {
    const { publicKey } = signer;
    return { certificate: await issueIntermediate({ commonName, publicKey, issuer: root, clock }), signer };
  }

  before(async () => {
    const signer = await newSigner();
    root = { certificate: await issueRoot({ commonName: "Root", signer, clock }), signer };
    a = await intermediate("A", await newSigner());
    b = await intermediate("B", await newSigner());
    for (const [registrationId, issuer] of [
      ["device-1", a],
      ["device-2", a],
      ["device-3", a],
      ["device-4", b],
      ["device-5", b],
    ] as const) {
      const { publicKey } = await newSigner();
      const leaf = await issueDevice({ registrationId, publicKey, issuer, clock });
      chains.set(registrationId, [leaf, issuer.certificate, root.certificate]);
    }
  });

  beforeEach(() => {
    plane = new DataPlane();
    plane.directory.trust("root", root.certificate);
  });

  const chainOf = (id: string) => chains.get(id) ?? [];
  const leafOf = (id: string) => chainOf(id)[0] ?? assert.fail(id);
  const status = async (id: string, chain = chainOf(id)): Promise<unknown> => {
    const { body } = await plane.provision(id, chain);
    return body.errorCode ?? body.status;
  };
  const statuses = async (): Promise<unknown[]> => {
    const all: unknown[] = [];
    for (const id of chains.keys()) all.push(await status(id));
    return all;
  };
  const disabled = { provisioningStatus: "disabled" };
  const referring = (id: string, name: string, more: object = {}) =>
    plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id },
      body: {
        enrollmentGroupId: id,
        attestation: { type: "x509", x509: { caReferences: { primary: name } } },
        ...more,
      },
    });

  it("block as in the documents' example of five devices", async () => {
    await plane.group("all", root.certificate);
    assert.deepEqual(await statuses(), Array(5).fill("assigned"));
    await plane.group("b", b.certificate, disabled);
    assert.deepEqual(await statuses(), ["assigned", "assigned", "assigned", "disabled", "disabled"]);
    await plane.individual("device-3", leafOf("device-3"), disabled);
    assert.deepEqual(await statuses(), ["assigned", "assigned", "disabled", "disabled", "disabled"]);
  });

  it("let devices in again through a group higher up when the disabled group is deleted, not only disabled", async () => {
    await plane.group("all", root.certificate);
    await plane.group("b", b.certificate, disabled);
    assert.equal(await status("device-4"), "disabled");
    await plane.ask("EnrollmentGroup_Delete", { params: { id: "b" } });
    assert.equal(await status("device-4"), "assigned");
  });

  it("leave the nearest group's word when the disabled group is above it", async () => {
    await plane.group("all", root.certificate, disabled);
    await plane.group("a", a.certificate);
    assert.deepEqual(await statuses(), ["assigned", "assigned", "assigned", "disabled", "disabled"]);
  });

  for (const [disabledOne, byThumbprint, byName] of [
    ["by its certificate", disabled, {}],
    ["by its CA reference", {}, disabled],
  ] as const) {
    it(`block when two groups have one certificate, disabled ${disabledOne}`, async () => {
      plane.directory.trust("a", a.certificate);
      assert.equal((await plane.group("a", a.certificate, byThumbprint)).status, 200);
      assert.equal((await referring("a-by-name", "a", byName)).status, 200);
      assert.equal(await status("device-1"), "disabled");
      await plane.ask("EnrollmentGroup_Delete", { params: { id: byThumbprint === disabled ? "a" : "a-by-name" } });
      assert.equal(await status("device-1"), "assigned");
    });
  }

  it("block the old certificate of a CA that was renewed with the same key, while devices present it", async () => {
    const renewed = await intermediate("A", a.signer);
    plane.directory.trust("renewed", renewed.certificate);
    await referring("renewed", "renewed");
    assert.equal(await status("device-1"), "assigned", "the renewed one is verified, and could have issued the leaf");
    await plane.group("old", a.certificate, disabled);
    assert.equal(await status("device-1"), "disabled");
    assert.equal(await status("device-1", [leafOf("device-1"), renewed.certificate]), "assigned");
  });

  it("block a device by a disabled individual enrollment, also with another certificate or with keys", async () => {
    await plane.group("all", root.certificate);
    await plane.individual("device-1", leafOf("device-1"), disabled);
    const { publicKey } = await newSigner();
    const renewed = await issueDevice({ registrationId: "device-1", publicKey, issuer: a, clock });
    assert.equal(await status("device-1", [renewed, a.certificate]), 401002);
    // For a device without a certificate, the documents disable an enrollment with keys.
    await plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id: "device-2" },
      body: { registrationId: "device-2", attestation: { type: "symmetricKey" }, ...disabled },
    });
    assert.equal(await status("device-2"), 401002);
    assert.equal(await status("device-3"), "assigned");
  });

  it("block a device that was assigned before, at its next registration and at its status look-up", async () => {
    await plane.group("all", root.certificate);
    assert.equal(await status("device-4"), "assigned");
    await plane.group("b", b.certificate, disabled);
    const lookUp = () =>
      plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", {
        params: { id: "device-4" },
        body: { registrationId: "device-4" },
        chain: chainOf("device-4"),
      });
    assert.equal((await lookUp()).body.status, "disabled");
    assert.equal(await status("device-4"), "disabled");
    const authorization = plane.sas(DPS_HOST, "provisioningserviceowner");
    const again = { headers: { authorization, "if-match": "*" } };
    await plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id: "b" },
      ...again,
      body: {
        enrollmentGroupId: "b",
        attestation: {
          type: "x509",
          x509: { signingCertificates: { primary: { certificate: b.certificate.toPem() } } },
        },
      },
    });
    assert.equal(await status("device-4"), "assigned");
  });
});
