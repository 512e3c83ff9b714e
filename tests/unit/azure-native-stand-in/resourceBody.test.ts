import { strict as assert } from "node:assert";
import { isObject } from "../../../azure/wire/jsonObject";
import {
  importedInputs,
  inputsOf,
  knownProperties,
  outputsOf,
  previewOutputs,
  requestBody,
} from "../../../azure-native-stand-in/resourceBody";
import { IOT_HUB } from "../../../azure-native-stand-in/types/iotHubType";
import { PROVISIONING_SERVICE } from "../../../azure-native-stand-in/types/provisioningServiceType";
import { ROLE_ASSIGNMENT } from "../../../azure-native-stand-in/types/roleAssignmentType";
import { SECRET } from "../../../azure-native-stand-in/types/vaultObjectTypes";
import { type Properties, UNKNOWN, type Value } from "../../../plugin-protocol/propertyValue";

const connection = "HostName=h;SharedAccessKeyName=o;SharedAccessKey=c2VjcmV0";
const masked = "HostName=h;SharedAccessKeyName=o;SharedAccessKey=****";
const service = (connectionString: Value): Properties => ({
  resourceGroupName: "g",
  provisioningServiceName: "d",
  location: "westeurope",
  sku: { name: "S1", capacity: 1 },
  properties: { iotHubs: [{ connectionString, location: "westeurope" }] },
});
const linkedTo = (connectionString: string): Properties => ({
  id: "/d",
  name: "d",
  type: "Microsoft.Devices/provisioningServices",
  etag: "e",
  location: "westeurope",
  unheardOf: 1,
  tags: null,
  sku: { name: "S1", capacity: 1, tier: "Standard" },
  properties: {
    idScope: "0ne1",
    iotHubs: [{ connectionString, location: "westeurope", name: "h" }],
    certificate: null,
  },
});
const at = (value: Value | undefined, ...path: (string | number)[]): Value | undefined =>
  path.reduce<Value | undefined>((each, key) => {
    if (Array.isArray(each)) return each[Number(key)];
    return isObject(each) ? each[key] : undefined;
  }, value);

describe("request bodies", () => {
  it("contain the body's properties, and no path parameters", () => {
    assert.deepEqual(requestBody(PROVISIONING_SERVICE, service(connection)), {
      location: "westeurope",
      sku: { name: "S1", capacity: 1 },
      properties: { iotHubs: [{ connectionString: connection, location: "westeurope" }] },
    });
  });

  it("key user-assigned identities by id, and read them back as a list", () => {
    const inputs = { identity: { type: "UserAssigned", userAssignedIdentities: ["/b", "/a"] } };
    const body = requestBody(IOT_HUB, inputs);
    assert.deepEqual(body, { identity: { type: "UserAssigned", userAssignedIdentities: { "/b": {}, "/a": {} } } });
    assert.deepEqual(inputsOf(IOT_HUB, body), {
      identity: { type: "UserAssigned", userAssignedIdentities: ["/a", "/b"] },
    });
  });
});

describe("outputs", () => {
  it("are the properties of the SDK's class, without nulls and additions of ARM", () => {
    const outputs = outputsOf(PROVISIONING_SERVICE, linkedTo(masked));
    assert.deepEqual(Object.keys(outputs).sort(), [
      "azureApiVersion",
      "etag",
      "location",
      "name",
      "properties",
      "sku",
      "type",
    ]);
    assert.equal(outputs.azureApiVersion, "2023-03-01-preview");
    assert.equal(at(outputs, "properties", "certificate"), undefined);
  });

  it("are plain, key listings included: the engine marks secrets", () => {
    const linked = outputsOf(PROVISIONING_SERVICE, linkedTo(connection));
    assert.equal(at(linked, "properties", "iotHubs", 0, "connectionString"), connection);
    const policy = { keyName: "o", primaryKey: "p", secondaryKey: "s", rights: "r" };
    assert.deepEqual(
      knownProperties({ value: { shape: { kind: "any" } } }, { value: [policy], nextLink: null, more: 1 }),
      {
        value: [policy],
      },
    );
  });

  it("reduce to inputs by leaving out what Azure sets", () => {
    const inputs = inputsOf(PROVISIONING_SERVICE, linkedTo(masked));
    assert.deepEqual(inputs.properties, { iotHubs: [{ connectionString: masked, location: "westeurope" }] });
    assert.deepEqual(inputs.sku, { name: "S1", capacity: 1 });
    assert.deepEqual(Object.keys(inputs).sort(), ["location", "properties", "sku"]);
  });

  it("reduce to the inputs of an import without empty lists and objects", () => {
    const response = {
      sku: { name: "S1" },
      tags: {},
      properties: { routing: { routes: [] }, comments: "", ipFilterRules: [] },
    };
    assert.deepEqual(importedInputs(IOT_HUB, response), { sku: { name: "S1" }, properties: { comments: "" } });
  });
});

describe("outputs of a preview", () => {
  it("contain the inputs, and nothing that Azure decides", () => {
    const outputs = previewOutputs(PROVISIONING_SERVICE, service(connection));
    for (const path of [
      ["name"],
      ["etag"],
      ["tags"],
      ["properties", "idScope"],
      ["properties", "iotHubs", 0, "name"],
      ["sku", "tier"],
    ]) {
      assert.equal(at(outputs, ...path), UNKNOWN, path.join("."));
    }
    assert.deepEqual(at(outputs, "properties", "iotHubs", 0, "connectionString"), connection);
    assert.equal(at(outputs, "sku", "name"), "S1");
    assert.equal(outputs.location, "westeurope");
  });

  it("keep unknown inputs unknown and maps as given", () => {
    const outputs = previewOutputs(IOT_HUB, {
      properties: { eventHubEndpoints: { events: { partitionCount: 2 } } },
      sku: UNKNOWN,
    });
    assert.equal(outputs.sku, UNKNOWN);
    assert.equal(at(outputs, "properties", "eventHubEndpoints", "events", "partitionCount"), 2);
    assert.equal(at(outputs, "properties", "eventHubEndpoints", "events", "path"), UNKNOWN);
  });
});

describe("properties that ARM has one level deeper than the SDK", () => {
  const inputs = { scope: "/subscriptions/s", roleAssignmentName: "n", principalId: "p", roleDefinitionId: "r" };
  const wire = { id: "/a", name: "n", properties: { ...inputs, createdBy: "c", roleAssignmentName: undefined } };

  it("are written into that member, and read from it", () => {
    assert.deepEqual(requestBody(ROLE_ASSIGNMENT, inputs), { properties: { principalId: "p", roleDefinitionId: "r" } });
    const outputs = outputsOf(ROLE_ASSIGNMENT, wire as unknown as Properties);
    assert.equal(outputs.principalId, "p");
    assert.equal(outputs.createdBy, "c");
    assert.equal(outputs.scope, "/subscriptions/s");
    assert.equal(outputs.properties, undefined);
    const isSame = { principalId: "p", roleDefinitionId: "r" };
    assert.deepEqual(inputsOf(ROLE_ASSIGNMENT, wire as unknown as Properties), isSame);
    assert.deepEqual(inputsOf(ROLE_ASSIGNMENT, outputs), isSame);
  });
});

describe("properties with another name in ARM than in the SDK", () => {
  const inputs = {
    resourceGroupName: "g",
    vaultName: "v",
    secretName: "s",
    properties: { value: "hush", attributes: { expires: 2, notBefore: 1 } },
  };
  const wire = { name: "s", properties: { attributes: { exp: 2, nbf: 1, created: 0 }, secretUri: "https://v/s" } };

  it("have ARM's names in the body, and the SDK's in the outputs", () => {
    assert.deepEqual(requestBody(SECRET, inputs), {
      properties: { value: "hush", attributes: { exp: 2, nbf: 1 } },
    });
    const outputs = outputsOf(SECRET, wire);
    const attributes = { expires: 2, notBefore: 1, created: 0 };
    assert.deepEqual(outputs.properties, { attributes, secretUri: "https://v/s" });
    const known = { properties: { attributes: { expires: 2, notBefore: 1 } } };
    assert.deepEqual(inputsOf(SECRET, wire), known);
    assert.deepEqual(inputsOf(SECRET, outputs), known, "a state has the SDK's names already");
  });
});
