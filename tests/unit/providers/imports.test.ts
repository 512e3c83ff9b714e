import { strict as assert } from "node:assert";
import type { HubLink, ProvisioningServiceBody } from "../../../azure/wire/provisioningService";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as hubLinksHandler } from "../../../providers/handlers/hubLinksHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import type { Handler, Props } from "../../../providers/handlers/resource/handler";
import { handler as identityHandler } from "../../../providers/handlers/serviceIdentityHandler";
import { handler as accessHandler } from "../../../providers/handlers/vaultAccessHandler";
import { handler as vaultNameHandler } from "../../../providers/handlers/vaultNameHandler";
import { handler as verifiedHandler } from "../../../providers/handlers/verifiedCertificateHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { checked, imported as importedExisting } from "../../cast/imported";

const HOST = "plants-dps.azure-devices-provisioning.net";
const SERVICE = "/subscriptions/s/resourceGroups/plants/providers/Microsoft.Devices/provisioningServices/plants-dps";

describe("imports", () => {
  let azure: FakeAzure;
  let group: Handler;
  let individual: Handler;
  let verified: Handler;
  let root: { readonly certificate: string; readonly key: string };
  let devices: readonly string[];

  before(async () => {
    const gateway = fakeGateway(fakeAzure());
    const { outs } = await authorityHandler(gateway).create({ rootName: "R", intermediateName: "I" });
    root = { certificate: String(outs.rootCertificate), key: String(outs.rootKey) };
    const issuer = { issuerCertificate: root.certificate, issuerKey: root.key };
    const made = async () => (await deviceHandler(gateway).create({ registrationId: "press-1", ...issuer })).outs;
    devices = [String((await made()).certificate), String((await made()).certificate)];
  });

  beforeEach(() => {
    azure = fakeAzure();
    const gateway = fakeGateway(azure);
    [group, individual, verified] = [groupHandler(gateway), individualHandler(gateway), verifiedHandler(gateway)];
  });

  /** Imports what a program has created, and returns the effect of the same program, and of another one. */
  async function imported(handler: Handler, program: Props, id: string, other: Props = program) {
    const created = await handler.create(await checked(handler, program));
    const { id: found, inputs, props, isChangedBy } = await importedExisting(handler, id);
    assert.equal(found, created.id);
    return { inputs, props, isChanged: await isChangedBy(program), isOtherChanged: await isChangedBy(other) };
  }

  it("of an enrollment group have the inputs of the program that made it, by each form of its ID", async () => {
    const program = { serviceEndpoint: HOST, enrollmentGroupId: "presses", caReference: "root", iotEdge: true };
    for (const id of ["plants-dps/presses", `${HOST}/presses`, `${HOST}/enrollmentGroups/presses`]) {
      azure.enrollments.clear();
      const { inputs, isChanged } = await imported(group, program, id);
      assert.equal(inputs.caReference, "root");
      assert.equal(inputs.iotEdge, true);
      assert.equal(isChanged, false, id);
    }
  });

  it("keep a policy and hubs that are not the service's default", async () => {
    const allocation = { allocationPolicy: "geoLatency", iotHubs: ["a.azure-devices.net"] };
    const program = { serviceEndpoint: HOST, enrollmentGroupId: "presses", caReference: "root", ...allocation };
    const { inputs, isChanged } = await imported(group, program, "plants-dps/presses");
    assert.deepEqual([inputs.allocationPolicy, inputs.iotHubs], ["geoLatency", ["a.azure-devices.net"]]);
    assert.equal(isChanged, false);
  });

  it("leave symmetric keys with the service, and have them as outputs", async () => {
    const program = { serviceEndpoint: HOST, registrationId: "meter-1", symmetricKey: {} };
    const { inputs, props, isChanged } = await imported(individual, program, "plants-dps/meter-1");
    assert.deepEqual(inputs.symmetricKey, {});
    assert.match(String(props.primaryKey), /^[\w+/]{43}=$/);
    assert.equal(isChanged, false);
  });

  it("know a certificate by its thumbprint: the program's own is no change, another one is", async () => {
    const [certificate = "", another = ""] = devices;
    const program = { serviceEndpoint: HOST, registrationId: "press-1", certificate };
    const other = { ...program, certificate: another };
    const { inputs, ...effect } = await imported(individual, program, `${HOST}/enrollments/press-1`, other);
    assert.match(String(inputs.certificate), /^another certificate: [0-9A-F]{40}$/);
    assert.deepEqual([effect.isChanged, effect.isOtherChanged], [false, true]);
  });

  it("of a verified certificate need no key, and a program with one shows no change", async () => {
    const program = {
      provisioningServiceId: SERVICE,
      name: "root",
      certificate: root.certificate,
      signingKey: root.key,
    };
    const { inputs, isChanged } = await imported(verified, program, `${SERVICE}/certificates/root`);
    assert.equal(inputs.verification, "asserted");
    assert.equal(isChanged, false);
  });

  it("of hub links and of the identity behind them show no change, and leave links by key to azure-native", async () => {
    const [links, identity] = [hubLinksHandler(fakeGateway(azure)), identityHandler(fakeGateway(azure))];
    const hub = { hostName: "a.azure-devices.net", location: "westeurope", allocationWeight: 2 };
    const service = (more: Partial<HubLink> = {}, disableLocalAuth?: boolean): ProvisioningServiceBody => ({
      ...{ name: "plants-dps", location: "westeurope", etag: "e7", sku: {} },
      identity: { type: "SystemAssigned", principalId: "p-1" },
      properties: { iotHubs: [{ ...hub, authenticationType: "SystemAssigned", ...more }], disableLocalAuth },
    });
    azure.services.set(SERVICE, service());
    const program = { provisioningServiceId: SERVICE, serviceEtag: "e7", hubs: [hub] };
    for (const id of [SERVICE, `${SERVICE}/iotHubs`]) {
      const found = await importedExisting(links, id);
      assert.equal(found.id, `${SERVICE}/iotHubs`);
      assert.deepEqual(found.inputs, { provisioningServiceId: SERVICE, hubs: [hub] });
      assert.equal(await found.isChangedBy(program), false);
      assert.equal(await found.isChangedBy({ ...program, disableLocalAuth: false }), false);
      assert.equal(await found.isChangedBy({ ...program, disableLocalAuth: true }), true);
      assert.equal(await found.isChangedBy({ ...program, serviceEtag: "e8" }), true, "azure-native has written since");
    }
    const principal = await importedExisting(identity, SERVICE);
    assert.equal(principal.props.principalId, "p-1");
    assert.equal(await principal.isChangedBy({ provisioningServiceId: SERVICE }), false);
    azure.services.set(SERVICE, service({}, true));
    assert.equal((await importedExisting(links, SERVICE)).inputs.disableLocalAuth, true);
    azure.services.set(SERVICE, service({ authenticationType: "KeyBased" }));
    await assert.rejects(async () => links.import?.(SERVICE), /not linked.*by one managed identity.*To fix/s);
    azure.services.clear();
    assert.equal((await links.import?.(SERVICE))?.id, "");
    assert.equal((await identity.import?.(SERVICE))?.id, "");
    for (const id of ["plants-dps", `${SERVICE}/identity`, `${SERVICE}/certificates/x`])
      await assert.rejects(async () => links.import?.(id), /is not an ID for import/, id);
  });

  it("of a vault's name and of the access to it show no change", async () => {
    const [name, access] = [vaultNameHandler(fakeGateway(azure)), accessHandler(fakeGateway(azure))];
    const id = "/subscriptions/s/resourceGroups/plants/providers/Microsoft.KeyVault/vaults/kv-plants-0123abcd";
    const properties = { enablePurgeProtection: true };
    azure.vault.vaults.set(id, { name: "kv-plants-0123abcd", location: "westeurope", properties });
    const found = await importedExisting(name, id);
    const place = { subscriptionId: "s", resourceGroupName: "plants", location: "westeurope", purgeProtection: true };
    assert.equal(found.props.vaultName, "kv-plants-0123abcd");
    assert.equal(await found.isChangedBy({ ...place, namePrefix: "kv-plants-" }), false, "chosen");
    assert.equal(await found.isChangedBy({ ...place, namePrefix: "kv-plants-", name: "kv-plants-0123abcd" }), false);
    assert.equal(await found.isChangedBy({ ...place, namePrefix: "kv-other-" }), true);
    assert.equal((await name.import?.(`${id}x`))?.id, "");
    await assert.rejects(async () => name.import?.("kv-plants"), /is not an ID for import/);

    const uri = "https://vault-1.vault.azure.net";
    const program = { vaultUri: uri, kinds: ["secrets", "keys"], grants: ["assignment"] };
    const open = await importedExisting(access, `${uri},keys,secrets`);
    assert.equal(open.props.openUri, uri);
    assert.equal(await open.isChangedBy(program), false);
    assert.deepEqual((await importedExisting(access, `${uri}/`)).inputs.kinds, ["keys", "certificates", "secrets"]);
    for (const wrong of ["vault-1", "https://example.com", `${uri},toys`])
      await assert.rejects(async () => access.import?.(wrong), /is not an ID for import/, wrong);
    azure.vault.forbidden = 3;
    await assert.rejects(async () => access.import?.(uri), /has no data-plane access.*To fix/s);
  });

  it("find nothing where nothing is, and refuse an ID of another form", async () => {
    assert.equal((await group.import?.("plants-dps/none"))?.id, "");
    assert.equal((await verified.import?.(`${SERVICE}/certificates/none`))?.id, "");
    for (const id of ["presses", "a/b/c", "plants-dps/enrollments/presses", "/presses"])
      await assert.rejects(async () => group.import?.(id), /is not an ID for import.*To fix: give DPS\/ID/s, id);
    for (const id of ["root", SERVICE, `${SERVICE}/certificates/a/b`])
      await assert.rejects(async () => verified.import?.(id), /is not the ARM ID of a certificate/, id);
  });
});
