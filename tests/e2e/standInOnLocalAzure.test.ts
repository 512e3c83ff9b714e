import { strict as assert } from "node:assert";
import { azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { PulumiProject } from "../cast/pulumiProject";

/** Automatic names, the group's location, a hub linked by its own key: what a program is likely to write. */
const program = (sku: string, hub = ""): string => `
const pulumi = require("@pulumi/pulumi");
const { ResourceGroup } = require("@pulumi/azure-native/resources");
const iothub = require("@pulumi/azure-native/iothub");
const dps = require("@pulumi/azure-native/deviceprovisioningservices");
const { getClientConfigOutput, RoleAssignment } = require("@pulumi/azure-native/authorization");
const { Key, Secret, Vault } = require("@pulumi/azure-native/keyvault");
const group = new ResourceGroup("group", { location: "westeurope" });
const place = { resourceGroupName: group.name };
const hub = new iothub.IotHubResource("hub", { ...place, sku: { name: "${sku}", capacity: 1 }, ${hub} });
const keys = iothub.listIotHubResourceKeysOutput({ ...place, resourceName: hub.name });
const owner = iothub.listIotHubResourceKeysForKeyNameOutput({ ...place, resourceName: hub.name, keyName: "iothubowner" });
const connectionString = pulumi.secret(pulumi.interpolate\`HostName=\${hub.properties.hostName};SharedAccessKeyName=iothubowner;SharedAccessKey=\${owner.primaryKey}\`);
const service = new dps.IotDpsResource("service", { ...place, sku: { name: "S1", capacity: 1 },
  properties: { iotHubs: [{ connectionString, location: hub.location }] } });
const client = getClientConfigOutput();
const vault = new Vault("vault", { ...place, properties: { tenantId: client.tenantId,
  sku: { family: "A", name: "standard" }, enableRbacAuthorization: true, softDeleteRetentionInDays: 7 } });
const officer = new RoleAssignment("officer", { scope: vault.id, principalId: client.objectId,
  principalType: "ServicePrincipal", roleDefinitionId:
  pulumi.interpolate\`/subscriptions/\${client.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483\` });
const greeting = new Secret("greeting", { ...place, vaultName: vault.name, secretName: "greeting", properties: {
  value: pulumi.secret("hush-${sku}"), attributes: { enabled: true, expires: 1893456000 } } }, { dependsOn: officer });
const line = new Key("line", { ...place, vaultName: vault.name, properties: { kty: "EC", attributes: { enabled: true },
  rotationPolicy: { lifetimeActions: [{ trigger: { timeAfterCreate: "P1Y" }, action: { type: "rotate" } }] } } }, { dependsOn: officer });
exports.key = [line.keyUri, line.curveName, line.attributes.apply((attributes) => attributes.enabled)];
exports.secretUri = greeting.properties.secretUri;
exports.expires = greeting.properties.attributes.apply((attributes) => attributes.expires);
exports.vaultUri = vault.properties.vaultUri;
exports.officer = officer.scope;
exports.idScope = pulumi.unsecret(service.properties.idScope);
exports.linked = pulumi.unsecret(service.properties).apply((properties) => properties.iotHubs[0].name);
exports.host = hub.properties.hostName;
exports.objectId = getClientConfigOutput().objectId;
const serviceKeys = dps.listIotDpsResourceKeysOutput({ ...place, provisioningServiceName: service.name });
exports.areKeysSecret = [pulumi.isSecret(keys.value), pulumi.isSecret(serviceKeys.value)];
exports.got = iothub.getIotHubResourceOutput({ ...place, resourceName: hub.name }).properties.hostName;
`;

describe("the stand-in plugin against the local Azure", () => {
  let azure: TestAzure;
  let project: PulumiProject;

  before(async () => {
    azure = await startTestAzure();
    project = await PulumiProject.create(azure.env);
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, output } = await project.run(...args);
    assert.equal(code, 0, output);
    return output;
  };
  const outputs = () => project.state.outputs() as Readonly<Record<string, string>>;

  it("creates a hub and a linked provisioning service", async () => {
    project.program(program("S1"));
    await succeeds("up", "--yes", "--skip-preview");
    const { idScope, host, linked, objectId, areKeysSecret, got, vaultUri, officer, ...rest } = outputs();
    assert.match(idScope ?? "", /^0ne[0-9A-F]{8}$/);
    assert.match(host ?? "", /^hub[0-9a-f]{8}\.azure-devices\.net$/);
    assert.equal(linked, host);
    assert.deepEqual([rest.secretUri, rest.expires], [`${vaultUri}secrets/greeting`, 1893456000]);
    assert.deepEqual(rest.key, [`${vaultUri}keys/line`, "P-256", true]);
    assert.match(vaultUri ?? "", /^https:\/\/vault[0-9a-f]{8}\.vault\.azure\.net\/$/);
    assert.match(officer ?? "", /\/providers\/Microsoft\.KeyVault\/vaults\/vault[0-9a-f]{8}$/);
    assert.equal(objectId, azure.ready.objectId);
    assert.deepEqual(areKeysSecret, [false, false]);
    assert.equal(got, host);
    await project.attachStandIn();
  });

  it("finds nothing to do at a second up and at a refresh", async () => {
    await succeeds("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("keeps every key out of the state's clear text", () => {
    const state = project.state.exported();
    assert.doesNotMatch(state, /"(primary|secondary)Key": "/);
    assert.doesNotMatch(state, /SharedAccessKey=/);
    assert.doesNotMatch(state, /hush-S1/);
  });

  it("updates in place and keeps the ID scope", async () => {
    const { idScope } = outputs();
    project.program(program("S2"));
    assert.match(await succeeds("up", "--yes", "--skip-preview", "--diff"), /~ name: "S1" => "S2"/);
    assert.equal(outputs().idScope, idScope);
  });

  it("does not replace a hub for another location: Azure refuses the update", async () => {
    project.program(program("S2", 'location: "northeurope"'));
    const { code, output } = await project.run("up", "--yes", "--skip-preview", "--target", "**IotHubResource::hub");
    assert.notEqual(code, 0);
    assert.match(output, /Status=409 Code="InvalidResourceLocation"/);
    project.program(program("S2"));
    await succeeds("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("shows at a refresh that a hub was deleted, and creates it again", async () => {
    const { host = "" } = outputs();
    const id = project.state
      .resources()
      .find((resource) => resource.id?.endsWith(`/IotHubs/${host.split(".")[0]}`))?.id;
    const client = azureClient(azure.ready);
    const { status } = await client.arm("DELETE", String(id).replace(/^\/subscriptions\/[^/]+/, ""));
    await client.close();
    assert.equal(status, 202);
    assert.match(
      await succeeds("refresh", "--yes", "--skip-preview"),
      /IotHubResource hub (deleted|\*\*deleted\*\*)|- 1 deleted/,
    );
    await succeeds("up", "--yes", "--skip-preview");
  });

  it("destroys all of it", async () => {
    assert.match(await succeeds("destroy", "--yes", "--skip-preview"), /- 8 deleted/);
  });
});
