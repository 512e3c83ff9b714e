import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Ajv from "ajv";
import * as fc from "fast-check";
import { bodyErrors, errorText } from "../../../../emulator/schemas/bodyErrors";
import { withSchemaNames } from "../../../../emulator/schemas/bodyNames";
import { type BodySchema, SCHEMA_NAMES, wholeSchema } from "../../../../emulator/schemas/bodySchema";
import { knownMembers } from "../../../../emulator/schemas/knownMembers";
import { codeFiles } from "../../../cast/imports";

const EMULATOR = resolve(__dirname, "../../../../emulator");
const HUB = { location: "westeurope", sku: { name: "S1" } };
const errorsOf = (properties: object) => bodyErrors("iotHub.createOrUpdate", { ...HUB, properties });
const textOf = (properties: object): string => errorText(errorsOf(properties));
/** Names with a rule that a schema cannot say. */
const CHECKED_IN_CODE: readonly string[] = [
  "arm.checkName.name",
  "iotHub.createConsumerGroup.properties.name",
  "vault.createKey.properties.curveName",
];

describe("schemas of request bodies", () => {
  const files = readdirSync(join(EMULATOR, "schemas")).filter((file) => file.endsWith(".json"));

  it("are JSON schemas, each with its source", () => {
    const ajv = new Ajv({ strict: false });
    for (const file of files) {
      const schema = JSON.parse(readFileSync(join(EMULATOR, "schemas", file), "utf8")) as { $comment: string };
      assert.match(schema.$comment, /Azure\/azure-rest-api-specs/, file);
      assert.equal(ajv.validateSchema(schema), true, `${file}: ${ajv.errorsText()}`);
    }
  });

  it("all serve an operation, or another schema, and each operation's has a test of its routes", () => {
    const text = (paths: readonly string[]) => paths.map((path) => readFileSync(path, "utf8")).join("\n");
    const tables = text(files.map((file) => join(EMULATOR, "schemas", file)));
    const code = text(codeFiles(EMULATOR));
    const tests = text(readdirSync(__dirname).map((file) => join(__dirname, file)));
    const isNamed = (name: string, where: string) => where.includes(`"${name}"`);
    // Named by the kind of object.
    const isUpdate = (name: string) => /^keyVault\.update(?:Key|Secret|Certificate)$/.test(name);
    const unused = SCHEMA_NAMES.filter((name) => !isNamed(name, tables) && !isNamed(name, code) && !isUpdate(name));
    assert.deepEqual(unused, []);
    const untested = SCHEMA_NAMES.filter((name) => (isNamed(name, code) || isUpdate(name)) && !isNamed(name, tests));
    assert.deepEqual(untested, []);
    for (const name of SCHEMA_NAMES) wholeSchema(name);
    assert.throws(() => bodyErrors("iotHub.unknown", {}), /no schema iotHub\.unknown/);
  });

  it("say which members a provider keeps", () => {
    const body = {
      ...HUB,
      tags: { any: "tag" },
      id: "x",
      properties: {
        ipFilterRules: [{ filterName: "plant", action: "Accept", ipMask: "10.0.0.0/8", note: 1 }],
        messagingEndpoints: { fileNotifications: { maxDeliveryCount: 7, note: 1 } },
        minTlsVerzion: "1.2",
        ["__proto__"]: 1,
      },
    };
    assert.deepEqual(knownMembers("iotHub.createOrUpdate", body), {
      ...HUB,
      tags: { any: "tag" },
      properties: {
        ipFilterRules: [{ filterName: "plant", action: "Accept", ipMask: "10.0.0.0/8" }],
        messagingEndpoints: { fileNotifications: { maxDeliveryCount: 7 } },
      },
    });
  });

  it("name a data plane's members in any letter case, and drop those that they do not have", () => {
    const item = { REGISTRATIONID: "a", status: 1, other: { toString: 1 } };
    assert.deepEqual(withSchemaNames("dps.bulkIndividuals", { Mode: "CREATE", enrollments: [item], toString: 1 }), {
      mode: "create",
      // The enrollment's own schema judges an item.
      enrollments: [{ registrationId: "a", status: 1, other: { toString: 1 } }],
    });
    assert.deepEqual(withSchemaNames("hub.method", { methodName: "a", payload: { B: [{ c: 1 }] }, other: 1 }), {
      methodName: "a",
      payload: { B: [{ c: 1 }] },
    });
    assert.deepEqual(withSchemaNames("hub.twin", { tags: { A: { toString: 1 } }, other: 1 }), {
      tags: { A: { toString: 1 } },
    });
  });

  it("keep no line break in a name, an address or an ID", () => {
    const rule = (filterName: string) => ({ filterName, action: "Accept", ipMask: "10.0.0.0/8" });
    const service = (filterName: string) =>
      bodyErrors("provisioningService.createOrUpdate", {
        location: "westeurope",
        sku: { name: "S1" },
        properties: { ipFilterRules: [rule(filterName)] },
      });
    for (const name of ["a\nb", "a\n", "", "x".repeat(129), "a b", "ü"]) {
      assert.equal(service(name).length, 1, JSON.stringify(name));
      assert.equal(errorsOf({ ipFilterRules: [rule(name)] }).length, 1, JSON.stringify(name));
    }
    assert.deepEqual(service("All:/\\.+%_#*?!(),=@;'-9"), []);
    for (const [properties, field] of [
      [{ authorizationPolicies: [{ keyName: "a\n", rights: "RegistryRead" }] }, "authorizationPolicies[0].keyName"],
      [{ allowedFqdnList: ["a\n"] }, "allowedFqdnList[0]"],
      [{ features: "a\u0000" }, "features"],
      [{ encryption: { keySource: "a\u007f" } }, "encryption.keySource"],
      [{ storageEndpoints: { $default: { connectionString: "a\n", containerName: "" } } }, "connectionString"],
      [{ storageEndpoints: { $default: { connectionString: "a", containerName: "A" } } }, "containerName"],
      [{ routing: { endpoints: { eventHubs: [{ name: "a", entityPath: "a\rb" }] } } }, "eventHubs[0].entityPath"],
      [{ routing: { enrichments: [{ key: "a\n", value: "b", endpointNames: ["events"] }] } }, "enrichments[0].key"],
    ] as const) {
      const errors = errorsOf(properties);
      assert.equal(errors.length, 1, JSON.stringify(properties));
      assert.match(errors[0]?.field ?? "", new RegExp(`${field.replace(/[.[\]]/g, "\\$&")}$`));
    }
  });

  it("have a rule for each name and ID in a resource", () => {
    const isName = (name: string) => /^(name|id|[A-Za-z]+(Id|Name|Ref))$/.test(name);
    const isFree = ({ type, pattern = "", enum: words, anyCase, maxLength }: BodySchema, name: string) => {
      const takes = (text: string) => new RegExp(pattern, "u").test(text) && text.length <= (maxLength ?? text.length);
      const refused = /(Id|id|Ref|BlobName)$/.test(name) ? ["a\n"] : ["a\n", "a".repeat(257)];
      return type === "string" && (words ?? anyCase) === undefined && refused.some(takes);
    };
    const freeNames = ({ properties, items, additionalProperties }: BodySchema, path: string): string[] => [
      ...Object.entries(properties ?? {}).flatMap(([name, own]) => [
        ...(isName(name) && isFree(own, name) ? [`${path}.${name}`] : []),
        ...freeNames(own, `${path}.${name}`),
      ]),
      ...(items ? freeNames(items, path) : []),
      ...(additionalProperties ? freeNames(additionalProperties, path) : []),
    ];
    // The data planes check names in code.
    const schemas = SCHEMA_NAMES.filter((name) => !/^(dps|hub|keyVault)\./.test(name));
    assert.deepEqual(
      schemas.flatMap((name) => freeNames(wholeSchema(name), name)).filter((path) => !CHECKED_IN_CODE.includes(path)),
      [],
    );
  });

  it("name every error at once: field, rule and value", () => {
    const errors = bodyErrors("iotHub.createOrUpdate", {
      location: "westeurope",
      sku: { capacity: 0 },
      tags: { a: 1 },
      properties: { disableLocalAuth: "yes", routing: -1, publicNetworkAccess: "Off", minTlsVersion: "2.5" },
    });
    assert.deepEqual(errorText(errors).split("; ").sort(), [
      'properties.disableLocalAuth must be true or false, not "yes"',
      'properties.minTlsVersion must be one of 1.0, 1.1, 1.2, not "2.5"',
      'properties.publicNetworkAccess must be one of Enabled, Disabled, not "Off"',
      "properties.routing must be an object",
      "sku.capacity must be from 1 to 200, not 0",
      "sku.name is required",
      "tags.a must be a string, not 1",
    ]);
    assert.equal(errors.find(({ field }) => field === "properties.minTlsVersion")?.code, "unsupportedTlsVersion");
  });

  it("read null as what is not set, words of ARM in any letter case, and ignore unknown members", () => {
    assert.deepEqual(errorsOf({ comments: null, routing: { routes: null }, minTlsVersion: null, other: 5 }), []);
    assert.deepEqual(errorsOf({ publicNetworkAccess: "DISABLED" }), []);
    assert.equal(
      textOf({ networkRuleSets: { ipRules: null, applyToBuiltInEventHubEndpoint: true } }),
      "properties.networkRuleSets.ipRules is required",
    );
    assert.equal(errorText(bodyErrors("arm.updateTags", { tags: { a: null } })), "tags.a is required");
  });

  it("differ by type: an integer is no fraction, a list no object, and the body an object", () => {
    assert.equal(
      textOf({ cloudToDevice: { maxDeliveryCount: 1.5 } }),
      "properties.cloudToDevice.maxDeliveryCount must be a whole number, not 1.5",
    );
    assert.equal(textOf({ cloudToDevice: [] }), "properties.cloudToDevice must be an object");
    for (const body of [undefined, null, [], "a", 5]) {
      assert.match(errorText(bodyErrors("arm.updateTags", body)), /^the body (must be an object|is required)$/);
    }
  });

  it("never repeat a secret", () => {
    const secret = "hush-hush";
    fc.assert(
      fc.property(fc.constantFrom<unknown>([secret], { [secret]: secret }, `${secret}%`, Number.NaN), (value) => {
        for (const [schema, body] of [
          [
            "iotHub.createOrUpdate",
            { ...HUB, properties: { authorizationPolicies: [{ keyName: "a", rights: "", primaryKey: value }] } },
          ],
          [
            "iotHub.createOrUpdate",
            { ...HUB, properties: { storageEndpoints: { $default: { connectionString: [value] } } } },
          ],
          ["iotHub.createOrUpdate", { ...HUB, properties: { authorizationPolicies: secret } }],
          ["dps.enrollmentGroup", { attestation: { symmetricKey: { primaryKey: value } } }],
          ["dps.enrollmentGroup", { attestation: { symmetricKey: secret } }],
          ["dps.enrollmentGroup", { customAllocationDefinition: { webhookUrl: [value] } }],
          ["hub.device", { authentication: { symmetricKey: { secondaryKey: value } } }],
          ["keyVault.setSecret", { value: [value] }],
          ["keyVault.importKey", { key: { d: [value], k: { a: value } } }],
          ["keyVault.importCertificate", { pwd: [value], value: "" }],
          ["keyVault.issuer", { credentials: { pwd: [value] } }],
        ] as const) {
          const text = errorText(bodyErrors(schema, body));
          assert.notEqual(text, "", schema);
          assert.ok(!text.includes(secret), text);
        }
      }),
    );
  });

  it("report one error of a body of many values, and of many errors the first ten", () => {
    const hubs = (count: number) => ({
      enrollmentGroupId: "a",
      attestation: { type: "x509" },
      iotHubs: Array(count).fill(1),
    });
    assert.equal(bodyErrors("dps.enrollmentGroup", hubs(100)).length, 100);
    assert.equal(errorText(bodyErrors("dps.enrollmentGroup", hubs(100))).split("; ").length, 10);
    assert.equal(bodyErrors("dps.enrollmentGroup", hubs(1_000_000)).length, 1);
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    assert.deepEqual(bodyErrors("hub.twin", { tags: { deep } }), []);
  });
});
