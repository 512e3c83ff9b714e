import { strict as assert } from "node:assert";
import { difference } from "../../../azure-native-stand-in/diff";
import { drifted } from "../../../azure-native-stand-in/drift";
import { IOT_HUB } from "../../../azure-native-stand-in/types/iotHub";
import { ROLE_ASSIGNMENT } from "../../../azure-native-stand-in/types/roleAssignment";
import { SECRET } from "../../../azure-native-stand-in/types/secret";
import { type Properties, secret, UNKNOWN } from "../../../azure-native-stand-in/values";

const inputs: Properties = {
  resourceGroupName: "g",
  resourceName: "h",
  location: "westeurope",
  sku: { name: "S1", capacity: 1 },
  tags: { a: "b" },
};
const changes = (news: Properties, state: Properties = {}, olds = inputs) => {
  const { changes: found, replaces } = difference(IOT_HUB, olds, news, state);
  return { found: Object.fromEntries([...found].map(([path, { kind }]) => [path, kind])), replaces };
};

describe("differences of inputs", () => {
  it("are none for other key orders, wrapped secrets, nulls and another spelling of the location", () => {
    const news = { ...inputs, sku: { capacity: 1, name: secret("S1") }, identity: null, location: "West Europe" };
    assert.deepEqual(changes(news), { found: {}, replaces: [] });
  });

  it("are told by property, without replacement where ARM updates in place", () => {
    const news = { ...inputs, sku: { name: "S2", capacity: 1 }, tags: { "c.d": "e" }, properties: { comments: "x" } };
    assert.deepEqual(changes(news), {
      found: { "sku.name": "update", "tags.a": "delete", 'tags["c.d"]': "add", properties: "add" },
      replaces: [],
    });
  });

  it("take a tag for a tag, whatever it is called", () => {
    const tagged = { ...inputs, tags: { a: "b", constructor: "ACME" } };
    assert.deepEqual(changes(tagged).found, { "tags.constructor": "add" });
    assert.deepEqual(changes(inputs, {}, tagged).found, { "tags.constructor": "delete" });
    assert.deepEqual(drifted(tagged, tagged, inputs).tags, { a: "b" });
    assert.deepEqual(drifted(inputs, inputs, tagged).tags, { a: "b", constructor: "ACME" });
  });

  it("replace for a path parameter and for another location", () => {
    assert.deepEqual(changes({ ...inputs, resourceGroupName: "g2" }).replaces, ["resourceGroupName"]);
    assert.deepEqual(changes({ ...inputs, location: "northeurope" }).replaces, ["location"]);
    assert.deepEqual(changes({ ...inputs, resourceName: UNKNOWN }).replaces, ["resourceName"]);
  });

  it("replace a role's assignment for another principal, which ARM refuses to change, and not for another description", () => {
    const given: Properties = { scope: "/s", roleAssignmentName: "n", principalId: "a", roleDefinitionId: "r" };
    const replaces = (news: Properties) => difference(ROLE_ASSIGNMENT, given, { ...given, ...news }, given).replaces;
    assert.deepEqual(replaces({ principalId: "b" }), ["principalId"]);
    assert.deepEqual(replaces({ description: "d" }), []);
  });

  it("are none where a type without a location of its own is told one", () => {
    const secretInputs: Properties = { vaultName: "v", secretName: "s", properties: { value: "x" } };
    const { changed } = difference(SECRET, secretInputs, secretInputs, { ...secretInputs, location: "westeurope" });
    assert.deepEqual(changed, []);
  });

  it("go into lists by index", () => {
    const hubs = (...weights: number[]): Properties => ({
      ...inputs,
      properties: { iotHubs: weights.map((weight) => ({ weight })) },
    });
    assert.deepEqual(changes(hubs(1, 3), {}, hubs(1, 2)).found, { "properties.iotHubs[1].weight": "update" });
    assert.deepEqual(changes(hubs(1, 2), {}, hubs(1)).found, { "properties.iotHubs[1]": "add" });
  });

  it("count a value that is not known yet", () => {
    assert.deepEqual(changes({ ...inputs, sku: { name: UNKNOWN, capacity: 1 } }).found, { "sku.name": "update" });
  });

  it("take the state's location where old inputs have none", () => {
    const { location: _, ...olds } = inputs;
    assert.deepEqual(changes(inputs, { location: "West Europe" }, olds), { found: {}, replaces: [] });
    assert.deepEqual(changes(inputs, { location: "eastus" }, olds).replaces, ["location"]);
  });
});

describe("drift", () => {
  it("carries what changed in Azure into the inputs, and nothing else", () => {
    const before = {
      sku: { name: "S1", capacity: 1 },
      properties: { state: "Active", hubs: [{ key: "****", weight: 1 }] },
    };
    const after = {
      sku: { name: "S2", capacity: 1 },
      properties: { state: "Active", hubs: [{ key: "****", weight: 5 }] },
    };
    const given = { sku: { name: "S1" }, properties: secret({ hubs: [{ key: "real", weight: 1 }] }), name: "n" };
    assert.deepEqual(drifted(given, before, after), {
      sku: { name: "S2" },
      properties: secret({ hubs: [{ key: "real", weight: 5 }] }),
      name: "n",
    });
  });

  it("adds what was added and drops what was dropped behind Pulumi's back", () => {
    assert.deepEqual(drifted({}, {}, { tags: { a: "b" } }), { tags: { a: "b" } });
    assert.deepEqual(drifted({ tags: { a: "b", c: "d" } }, { tags: { a: "b", c: "d" } }, { tags: { c: "d" } }), {
      tags: { c: "d" },
    });
    assert.deepEqual(drifted({ tags: { a: "b" } }, { tags: { a: "b" } }, {}), {});
  });

  it("sees none in empty lists, objects and another spelling of the location", () => {
    assert.deepEqual(
      drifted(
        { location: "westeurope" },
        { location: "westeurope", tags: {} },
        { location: "West Europe", iotHubs: [] },
      ),
      {
        location: "westeurope",
      },
    );
  });

  it("follows a list that grew or shrank", () => {
    const [one, two] = [{ key: "1" }, { key: "2" }];
    assert.deepEqual(drifted({ hubs: [one] }, { hubs: [one] }, { hubs: [one, two] }), { hubs: [one, two] });
    assert.deepEqual(drifted({ hubs: [one, two] }, { hubs: [one, two] }, { hubs: [one] }), { hubs: [one] });
  });
});
