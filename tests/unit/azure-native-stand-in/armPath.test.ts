import { strict as assert } from "node:assert";
import fc from "fast-check";
import { fillPath, pathParameters, readPath } from "../../../azure-native-stand-in/armPath";
import { RESOURCE_TYPES } from "../../../azure-native-stand-in/types/typeTable";

const name = fc
  .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
  .filter((text) => text !== "." && text !== "..");

describe("paths", () => {
  it("parse back to the filled-in names, for every type and any name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...RESOURCE_TYPES), fc.infiniteStream(name), (type, names) => {
        const values = Object.fromEntries(
          pathParameters(type.path).map((each) => {
            const chosen = String(names.next().value);
            return [each, each === "scope" ? `/subscriptions/s/resourceGroups/${encodeURIComponent(chosen)}` : chosen];
          }),
        );
        assert.deepEqual(readPath(type.path, fillPath(type.path, values)), values);
      }),
    );
  });

  it("ignore the letter case of their fixed parts", () => {
    const id = "/SUBSCRIPTIONS/s/resourceGroups/My-Group/";
    const template = "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}";
    assert.deepEqual(readPath(template, id), { subscriptionId: "s", resourceGroupName: "My-Group" });
  });

  it("refuse IDs of another shape", () => {
    const template = "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}";
    for (const id of ["", "/", "/subscriptions/s", "/subscriptions/s/resourcegroups//", "/subscriptions/s/groups/g"]) {
      assert.equal(readPath(template, id), undefined, id);
    }
  });

  it("use a scope, which is itself an ID, unchanged", () => {
    const template = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}";
    const tail = "/providers/Microsoft.Authorization/roleAssignments/n";
    const values = { scope: "/subscriptions/s/resourceGroups/g", roleAssignmentName: "n" };
    assert.equal(fillPath(template, values), values.scope + tail);
    assert.deepEqual(readPath(template, values.scope + tail), values);
    for (const id of [tail, "/subscriptions/s", `/subscriptions/s${tail}/more`]) {
      assert.equal(readPath(template, id), undefined, id);
    }
  });

  it("leave an ID with a bare percent sign unchanged", () => {
    assert.deepEqual(readPath("/a/{name}", "/a/50%"), { name: "50%" });
  });

  it("refuse an empty parameter", () => {
    assert.throws(() => fillPath("/a/{name}", {}), {
      name: "TypeError",
      message: "the path /a/{name} needs a value for name",
    });
    assert.throws(() => fillPath("/a/{name}", { name: "" }), TypeError);
  });
});
