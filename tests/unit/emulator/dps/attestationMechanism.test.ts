import { strict as assert } from "node:assert";
import { type Hierarchy, newHierarchy } from "../../../cast/certs";
import { DataPlane, DPS_HOST, keyOf, type TestResponse } from "../../../cast/dataPlane";

describe("DPS service API: symmetric keys and the attestation mechanism", () => {
  let hierarchy: Hierarchy;
  let plane: DataPlane;

  before(async () => {
    hierarchy = await newHierarchy();
  });

  beforeEach(() => {
    plane = new DataPlane();
  });

  const KINDS = [
    { kind: "EnrollmentGroup", member: "enrollmentGroupId" },
    { kind: "IndividualEnrollment", member: "registrationId" },
  ] as const;

  const put = (
    { kind, member }: (typeof KINDS)[number],
    symmetricKey?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<TestResponse> =>
    plane.ask(`${kind}_CreateOrUpdate`, {
      params: { id: "e-1" },
      body: { [member]: "e-1", attestation: { type: "symmetricKey", symmetricKey } },
      headers: { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), ...headers },
    });
  const mechanism = (kind: string, headers: Readonly<Record<string, string>> = {}) =>
    plane.ask(`${kind}_GetAttestationMechanism`, {
      params: { id: "E-1" },
      headers: { authorization: plane.sas(DPS_HOST, "reader"), ...headers },
    });

  for (const each of KINDS) {
    describe(each.kind, () => {
      it("gets keys of 32 bytes when it brings none", async () => {
        const made = await put(each);
        assert.equal(made.status, 200);
        const { primaryKey, secondaryKey } = made.body.attestation.symmetricKey;
        assert.notEqual(primaryKey, secondaryKey);
        for (const key of [primaryKey, secondaryKey]) assert.equal(Buffer.from(key, "base64").length, 64);
        const read = await mechanism(each.kind);
        assert.deepEqual([read.status, read.body], [200, made.body.attestation]);
      });

      it("stores given keys, and returns them only in the attestation mechanism", async () => {
        const symmetricKey = { primaryKey: keyOf("one"), secondaryKey: keyOf("two") };
        await put(each, symmetricKey);
        const expected = { type: "symmetricKey", symmetricKey };
        assert.deepEqual((await mechanism(each.kind)).body, expected);
        const got = await plane.ask(`${each.kind}_Get`, { params: { id: "e-1" } });
        assert.deepEqual(got.body.attestation, { type: "symmetricKey" });
        const { body } = await plane.ask(`${each.kind}_Query`, { body: { query: "SELECT *" } });
        assert.deepEqual(body[0].attestation, { type: "symmetricKey" });
      });

      it("gets new keys when it is replaced without any", async () => {
        const before = await put(each, { primaryKey: keyOf("one"), secondaryKey: keyOf("two") });
        const after = await put(each, {}, { "if-match": before.body.etag });
        assert.equal(after.status, 200);
        assert.notEqual(after.body.attestation.symmetricKey.primaryKey, keyOf("one"));
      });

      it("takes keys of 16 to 64 bytes and no others", async () => {
        const bytes = (count: number) => ({ primaryKey: Buffer.alloc(count, 7).toString("base64") });
        for (const count of [16, 64]) {
          assert.equal((await put(each, bytes(count), count === 16 ? {} : { "if-match": "*" })).status, 200);
        }
        const wrong: readonly (readonly [unknown, string])[] = [
          [bytes(15), "attestation.symmetricKey.primaryKey has 15 bytes, not 16 to 64"],
          [bytes(65), "attestation.symmetricKey.primaryKey has 65 bytes, not 16 to 64"],
          [{ secondaryKey: "not base64!" }, "attestation.symmetricKey.secondaryKey must be base64"],
          [{ primaryKey: 5 }, "attestation.symmetricKey.primaryKey must be a string"],
          ["key", "attestation.symmetricKey must be an object"],
        ];
        const before = plane.contents();
        for (const [symmetricKey, error] of wrong) {
          const response = await put(each, symmetricKey, { "if-match": "*" });
          assert.deepEqual(
            [response.status, response.body.errorCode, response.body.message],
            [400, 400004, `Invalid enrollment: ${error}`],
          );
        }
        assert.equal(plane.contents(), before, "nothing changed");
      });

      it("returns 404 for an unknown enrollment, and 401 without the right", async () => {
        const none = await mechanism(each.kind);
        assert.deepEqual([none.status, none.body.errorCode, none.body.message], [404, 404201, "Enrollment not found."]);
        await put(each);
        const refused = await mechanism(each.kind, { authorization: plane.sas(DPS_HOST, "config") });
        assert.deepEqual([refused.status, refused.body.errorCode], [401, 401002]);
      });
    });
  }

  it("returns certificates by their info", async () => {
    plane.directory.trust("root", hierarchy.root.certificate);
    const made = await plane.group("e-1", hierarchy.intermediate.certificate);
    assert.deepEqual((await mechanism("EnrollmentGroup")).body, made.body.attestation);
    assert.deepEqual(Object.keys(made.body.attestation.x509.signingCertificates.primary), ["info"]);
  });

  it("refuses two kinds of attestation at once", async () => {
    const response = await plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id: "e-1" },
      body: { enrollmentGroupId: "e-1", attestation: { type: "symmetricKey", x509: {} } },
    });
    assert.match(response.body.message, /attestation .*"symmetricKey" has x509/);
  });
});
