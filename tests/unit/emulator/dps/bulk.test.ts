import { strict as assert } from "node:assert";
import { DataPlane, DPS_HOST, keyOf, type TestResponse } from "../../../cast/dataPlane";

const KINDS = [
  { kind: "IndividualEnrollment", member: "registrationId", list: "enrollments" },
  { kind: "EnrollmentGroup", member: "enrollmentGroupId", list: "enrollmentGroups" },
] as const;

for (const { kind, member, list } of KINDS) {
  describe(`DPS service API: ${kind}_RunBulkOperation`, () => {
    let plane: DataPlane;

    beforeEach(() => {
      plane = new DataPlane();
    });

    const item = (id: string, more: object = {}): Record<string, unknown> => ({
      [member]: id,
      attestation: { type: "symmetricKey" },
      ...more,
    });
    const bulk = (mode: string, items: unknown, headers?: Readonly<Record<string, string>>): Promise<TestResponse> =>
      plane.ask(`${kind}_RunBulkOperation`, { body: { mode, [list]: items }, ...(headers ? { headers } : {}) });
    const get = (id: string) => plane.ask(`${kind}_Get`, { params: { id } });
    const done = { isSuccessful: true, errors: [] };

    it("creates, updates and deletes up to ten", async () => {
      const ids = Array.from({ length: 10 }, (_, index) => `dev-${index}`);
      const made = await bulk(
        "create",
        ids.map((id) => item(id)),
      );
      assert.deepEqual([made.status, made.body], [200, done]);
      const off = ids.map((id) => item(id, { provisioningStatus: "disabled" }));
      const existing = await bulk("update", off);
      assert.deepEqual([existing.body.isSuccessful, existing.body.errors.length], [false, 10], "without ETags");
      const tagged = await Promise.all(
        ids.map(async (id) => item(id, { provisioningStatus: "disabled", etag: (await get(id)).body.etag })),
      );
      assert.deepEqual((await bulk("update", tagged)).body, done);
      assert.equal((await get("dev-9")).body.provisioningStatus, "disabled");
      assert.deepEqual(
        (
          await bulk(
            "delete",
            ids.map((id) => ({ [member]: id })),
          )
        ).body,
        done,
      );
      assert.equal((await get("dev-0")).body.errorCode, 404201);
    });

    it("applies the valid items, and reports an error for each other one", async () => {
      await bulk("create", [item("dev-1")]);
      const short = { attestation: { type: "symmetricKey", symmetricKey: { primaryKey: "AAAA" } } };
      const { status, body } = await bulk("create", [item("dev-1"), item("dev-2"), item("dev-3", short), item("ö")]);
      assert.equal(status, 200);
      assert.equal(body.isSuccessful, false);
      const [existing, { errorStatus, ...invalid }, unnamed, ...others] = body.errors;
      assert.deepEqual([existing[member], existing.errorCode], ["dev-1", kind === "EnrollmentGroup" ? 409202 : 409201]);
      assert.deepEqual(invalid, { [member]: "dev-3", errorCode: 400004 });
      assert.match(errorStatus, /primaryKey has 3 bytes, not 16 to 64/);
      assert.deepEqual([unnamed[member], unnamed.errorCode, others], ["ö", 400004, []]);
      assert.equal((await get("dev-2")).status, 200);
      assert.equal((await get("dev-3")).status, 404);
      const gone = await bulk("delete", [{ [member]: "dev-2" }, { [member]: "dev-9" }]);
      assert.deepEqual(gone.body.errors, [
        { [member]: "dev-9", errorCode: 404201, errorStatus: "Enrollment not found." },
      ]);
      assert.equal((await get("dev-2")).status, 404);
      assert.equal((await bulk("update", [item("dev-9")])).body.errors[0].errorCode, 404201);
    });

    it("updates only unchanged items by ETag", async () => {
      await bulk("create", [item("dev-1"), item("dev-2")]);
      const { etag } = (await get("dev-1")).body;
      const keys = { attestation: { type: "symmetricKey", symmetricKey: { primaryKey: keyOf("new") } } };
      const { body } = await bulk("updateIfMatchETag", [
        item("dev-1", { etag, ...keys }),
        item("dev-2", { etag, ...keys }),
        item("dev-2"),
      ]);
      assert.deepEqual(
        body.errors.map((each: { errorCode: number }) => each.errorCode),
        [409203, 400004],
      );
      assert.notEqual((await get("dev-1")).body.etag, etag);
    });

    it("refuses an invalid bulk operation, and changes nothing", async () => {
      const before = plane.contents();
      const eleven = Array.from({ length: 11 }, (_, index) => item(`dev-${index}`));
      const wrong: readonly (readonly [string, unknown, string])[] = [
        ["merge", [item("a")], 'mode must be one of create, update, updateIfMatchETag, delete, not "merge"'],
        ["create", eleven, `${list} must have from 1 to 10 items`],
        ["create", [], `${list} must have from 1 to 10 items`],
        ["create", "all", `${list} must be a list`],
        ["create", [item("a"), {}], `${list}[1].${member} is required`],
      ];
      for (const [mode, items, message] of wrong) {
        const response = await bulk(mode, items);
        assert.deepEqual([response.status, response.body.errorCode], [400, 400004]);
        assert.equal(response.body.message, `Invalid request: ${message}`);
      }
      const reader = { authorization: plane.sas(DPS_HOST, "reader") };
      const refused = await bulk("create", [item("a")], reader);
      assert.deepEqual([refused.status, refused.body.errorCode], [401, 401002]);
      assert.equal(plane.contents(), before);
    });
  });
}
