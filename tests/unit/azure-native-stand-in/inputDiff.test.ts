import { strict as assert } from "node:assert";
import { diffInputs } from "../../../azure-native-stand-in/inputDiff";
import { driftedInputs } from "../../../azure-native-stand-in/inputDrift";
import { IOT_HUB } from "../../../azure-native-stand-in/types/iotHubType";
import { PROVISIONING_SERVICE } from "../../../azure-native-stand-in/types/provisioningServiceType";
import { RESOURCE_GROUP } from "../../../azure-native-stand-in/types/resourceGroupType";
import { ROLE_ASSIGNMENT } from "../../../azure-native-stand-in/types/roleAssignmentType";
import { SECRET } from "../../../azure-native-stand-in/types/vaultObjectTypes";
import { VAULT } from "../../../azure-native-stand-in/types/vaultType";
import { type Properties, UNKNOWN } from "../../../plugin-protocol/propertyValue";

const inputs: Properties = {
  resourceGroupName: "g",
  resourceName: "h",
  location: "westeurope",
  sku: { name: "S1", capacity: 1 },
  tags: { a: "b" },
};
const changes = (news: Properties, state: Properties = {}, olds = inputs) => {
  const { changes: found, replaces } = diffInputs(IOT_HUB, olds, news, state);
  return { found: Object.fromEntries([...found].map(([path, { kind }]) => [path, kind])), replaces };
};

describe("differences of inputs", () => {
  it("are none for other key orders, nulls and another spelling of the location", () => {
    const news = { ...inputs, sku: { capacity: 1, name: "S1" }, identity: null, location: "West Europe" };
    assert.deepEqual(changes(news), { found: {}, replaces: [] });
  });

  it("are listed by property, without replacement where ARM updates in place", () => {
    const news = { ...inputs, sku: { name: "S2", capacity: 1 }, tags: { "c.d": "e" }, properties: { comments: "x" } };
    assert.deepEqual(changes(news), {
      found: { "sku.name": "update", "tags.a": "delete", 'tags["c.d"]': "add", properties: "add" },
      replaces: [],
    });
  });

  it("treat every tag as a tag, whatever its name", () => {
    const tagged = { ...inputs, tags: { a: "b", constructor: "ACME" } };
    assert.deepEqual(changes(tagged).found, { "tags.constructor": "add" });
    assert.deepEqual(changes(inputs, {}, tagged).found, { "tags.constructor": "delete" });
    assert.deepEqual(driftedInputs(tagged, tagged, inputs).tags, { a: "b" });
    assert.deepEqual(driftedInputs(inputs, inputs, tagged).tags, { a: "b", constructor: "ACME" });
  });

  it("replace for a path parameter, and for another location a resource group alone", () => {
    assert.deepEqual(changes({ ...inputs, resourceGroupName: "g2" }).replaces, ["resourceGroupName"]);
    assert.deepEqual(changes({ ...inputs, location: "northeurope" }), { found: { location: "update" }, replaces: [] });
    for (const type of [PROVISIONING_SERVICE, VAULT])
      assert.deepEqual(diffInputs(type, { location: "a" }, { location: "b" }, {}).replaces, [], type.token);
    assert.deepEqual(diffInputs(RESOURCE_GROUP, { location: "a" }, { location: "b" }, {}).replaces, ["location"]);
    assert.deepEqual(changes({ ...inputs, resourceName: UNKNOWN }).replaces, ["resourceName"]);
  });

  it("replace a role's assignment for another principal, which ARM refuses to change, and not for another description", () => {
    const given: Properties = { scope: "/s", roleAssignmentName: "n", principalId: "a", roleDefinitionId: "r" };
    const replaces = (news: Properties) => diffInputs(ROLE_ASSIGNMENT, given, { ...given, ...news }, given).replaces;
    assert.deepEqual(replaces({ principalId: "b" }), ["principalId"]);
    assert.deepEqual(replaces({ description: "d" }), []);
  });

  it("are none where a type without a location of its own returns one", () => {
    const secretInputs: Properties = { vaultName: "v", secretName: "s", properties: { value: "x" } };
    const { changed } = diffInputs(SECRET, secretInputs, secretInputs, { ...secretInputs, location: "westeurope" });
    assert.deepEqual(changed, []);
  });

  it("compare lists by index", () => {
    const hubs = (...weights: number[]): Properties => ({
      ...inputs,
      properties: { iotHubs: weights.map((weight) => ({ weight })) },
    });
    assert.deepEqual(changes(hubs(1, 3), {}, hubs(1, 2)).found, { "properties.iotHubs[1].weight": "update" });
    assert.deepEqual(changes(hubs(1, 2), {}, hubs(1)).found, { "properties.iotHubs[1]": "add" });
  });

  it("create the replacement first where the old name was random", () => {
    const first = (olds: Properties, news: Properties) => !diffInputs(IOT_HUB, olds, news, {}).deleteBeforeReplace;
    const moved = { ...inputs, resourceGroupName: "g2" };
    assert.equal(first({ ...inputs, __createBeforeDelete: true }, moved), true);
    assert.equal(first(inputs, { ...moved, __createBeforeDelete: true }), false);
  });

  it("ignore the plugin's own inputs and the version that the SDK shows", () => {
    const marked = { ...inputs, __createBeforeDelete: true, __defaults: [], azureApiVersion: "2023-06-30" };
    assert.deepEqual(changes(marked), { found: {}, replaces: [] });
    assert.deepEqual(changes(inputs, {}, marked), { found: {}, replaces: [] });
  });

  it("ignore the order of lists with identifiers: routes, enrichments, IP rules", () => {
    const rule = (filterName: string, ipMask: string) => ({ action: "Reject", filterName, ipMask });
    const route = (name: string, source = "DeviceMessages") => ({
      name,
      source,
      endpointNames: ["e"],
      isEnabled: true,
    });
    const hub = (...properties: Properties[]): Properties[] =>
      properties.map((each) => ({ ...inputs, properties: each }));
    const enrichment = (key: string) => ({ key, value: "v", endpointNames: ["e"] });
    for (const lists of [
      (items: string[]) => ({ routing: { routes: items.map((name) => route(name)) } }),
      (items: string[]) => ({ routing: { enrichments: items.map(enrichment) } }),
      (items: string[]) => ({ ipFilterRules: items.map((name) => rule(name, "1.2.3.4")) }),
      (items: string[]) => ({ networkRuleSets: { ipRules: items.map((name) => rule(name, "1.2.3.4")) } }),
    ]) {
      const [one = {}, other = {}] = hub(lists(["a", "b"]), lists(["b", "a"]));
      assert.deepEqual(changes(one, {}, other).found, {});
    }
    const [before = {}, after = {}] = hub(
      { routing: { routes: [route("a"), route("b"), route("c")] } },
      { routing: { routes: [route("c"), route("a", "TwinChangeEvents")] } },
    );
    assert.deepEqual(changes(after, {}, before).found, {
      "properties.routing.routes[1].source": "update",
      "properties.routing.routes[2]": "delete",
    });
  });

  it("count a value that is not known yet", () => {
    assert.deepEqual(changes({ ...inputs, sku: { name: UNKNOWN, capacity: 1 } }).found, { "sku.name": "update" });
  });

  it("take the state's location where old inputs have none", () => {
    const { location: _, ...olds } = inputs;
    assert.deepEqual(changes(inputs, { location: "West Europe" }, olds), { found: {}, replaces: [] });
    assert.deepEqual(changes(inputs, { location: "eastus" }, olds).found, { location: "update" });
  });
});

describe("drift", () => {
  it("copies changes in Azure into the inputs, and nothing else", () => {
    const before = {
      sku: { name: "S1", capacity: 1 },
      properties: { state: "Active", hubs: [{ key: "****", weight: 1 }] },
    };
    const after = {
      sku: { name: "S2", capacity: 1 },
      properties: { state: "Active", hubs: [{ key: "****", weight: 5 }] },
    };
    const given = { sku: { name: "S1" }, properties: { hubs: [{ key: "real", weight: 1 }] }, name: "n" };
    assert.deepEqual(driftedInputs(given, before, after), {
      sku: { name: "S2" },
      properties: { hubs: [{ key: "real", weight: 5 }] },
      name: "n",
    });
  });

  it("adds and removes what was added and removed outside of Pulumi", () => {
    assert.deepEqual(driftedInputs({}, {}, { tags: { a: "b" } }), { tags: { a: "b" } });
    assert.deepEqual(driftedInputs({ tags: { a: "b", c: "d" } }, { tags: { a: "b", c: "d" } }, { tags: { c: "d" } }), {
      tags: { c: "d" },
    });
    assert.deepEqual(driftedInputs({ tags: { a: "b" } }, { tags: { a: "b" } }, {}), {});
  });

  it("ignores empty lists, empty objects and another spelling of the location", () => {
    assert.deepEqual(
      driftedInputs(
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
    assert.deepEqual(driftedInputs({ hubs: [one] }, { hubs: [one] }, { hubs: [one, two] }), { hubs: [one, two] });
    assert.deepEqual(driftedInputs({ hubs: [one, two] }, { hubs: [one, two] }, { hubs: [one] }), { hubs: [one] });
  });
});
