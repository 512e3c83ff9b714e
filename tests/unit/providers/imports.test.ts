import { strict as assert } from "node:assert";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import type { Handler, Props } from "../../../providers/handlers/resource/handler";
import { handler as verifiedHandler } from "../../../providers/handlers/verifiedCertificateHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

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
    const checked = async (news: Props) => {
      const { inputs, failures } = await handler.check({}, news);
      assert.deepEqual(failures, []);
      return inputs;
    };
    const created = await handler.create(await checked(program));
    const found = await handler.import?.(id);
    assert.ok(found?.inputs);
    assert.equal(found.id, created.id);
    const effect = async (news: Props) => (await handler.diff(found.id, found.props, await checked(news))).changes;
    return {
      inputs: found.inputs,
      props: found.props,
      isChanged: await effect(program),
      isOtherChanged: await effect(other),
    };
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

  it("find nothing where nothing is, and refuse an ID of another form", async () => {
    assert.equal((await group.import?.("plants-dps/none"))?.id, "");
    assert.equal((await verified.import?.(`${SERVICE}/certificates/none`))?.id, "");
    for (const id of ["presses", "a/b/c", "plants-dps/enrollments/presses", "/presses"])
      await assert.rejects(async () => group.import?.(id), /is not an ID for import.*To fix: give DPS\/ID/s, id);
    for (const id of ["root", SERVICE, `${SERVICE}/certificates/a/b`])
      await assert.rejects(async () => verified.import?.(id), /is not the ARM ID of a certificate/, id);
  });
});
