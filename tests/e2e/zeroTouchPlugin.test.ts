import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { handler as authorityHandler } from "../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../providers/handlers/deviceCertificateHandler";
import { fakeAzure, fakeGateway } from "../cast/fakeGateway";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { type Ended, PulumiProject } from "../cast/pulumiProject";

const PLUGIN = resolve(__dirname, "../../zero-touch-plugin");
const HOST = "plugin-dps.azure-devices-provisioning.net";

/** The files of a CA and of a device that no stack knows, and a program of the same content. */
async function credentialFiles(folder: string): Promise<void> {
  const gateway = fakeGateway(fakeAzure());
  const { outs: ca } = await authorityHandler(gateway).create({
    rootName: "Files root",
    intermediateName: "Files line",
  });
  const issuer = {
    issuerCertificate: ca.intermediateCertificate,
    issuerKey: ca.intermediateKey,
    issuerChain: ca.rootCertificate,
  };
  const { outs: device } = await deviceHandler(gateway).create({ registrationId: "lathe-1", ...issuer });
  const files = {
    "ca.pem": `${ca.intermediateCertificate}${ca.rootCertificate}`,
    "root.key": ca.rootKey,
    "line.key": ca.intermediateKey,
    "lathe.pem": device.certificateChain,
    "lathe.key": device.privateKey,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), String(content));
}
const IMPORTED = `
const files = resource("CertificateAuthority", { rootName: "Files root", intermediateName: "Files line" }, "files",
  "rootCertificate", "intermediateCertificate", "intermediateKey");
resource("DeviceCertificate", { registrationId: "lathe-1", issuerCertificate: files.intermediateCertificate,
  issuerKey: files.intermediateKey, issuerChain: files.rootCertificate }, "lathe");
`;

/** A service, and resources of the plugin in it, by their tokens alone, as every language has them. */
const program = (status: string): string => `
const pulumi = require("@pulumi/pulumi");
const { ResourceGroup } = require("@pulumi/azure-native/resources");
const dps = require("@pulumi/azure-native/deviceprovisioningservices");
const resource = (type, args, name = type, ...outputs) => {
  const unknown = Object.fromEntries(outputs.map((key) => [key, undefined]));
  return new pulumi.CustomResource("zero-touch:index:" + type, name, { ...unknown, ...args });
};
const group = new ResourceGroup("plants", { location: "westeurope" });
const resourceGroupName = group.name;
const service = new dps.IotDpsResource("service", { resourceGroupName, provisioningServiceName: "plugin-dps",
  sku: { name: "S1", capacity: 1 }, properties: {} });
const serviceEndpoint = pulumi.interpolate\`\${service.name}.azure-devices-provisioning.net\`;
const ca = resource("CertificateAuthority", { rootName: "Root", intermediateName: "Line" }, undefined,
  "rootCertificate", "rootKey", "intermediateCertificate", "intermediateKey");
const root = resource("VerifiedCertificate", { provisioningServiceId: service.id, name: "root",
  certificate: ca.rootCertificate, signingKey: ca.rootKey }, undefined, "thumbprint");
const device = resource("DeviceCertificate", { registrationId: "press-1", issuerCertificate: ca.intermediateCertificate,
  issuerKey: ca.intermediateKey, issuerChain: ca.rootCertificate }, undefined, "certificate", "privateKey");
resource("EnrollmentGroup", { serviceEndpoint, enrollmentGroupId: "presses", caReference: root.name,
  provisioningStatus: "${status}" });
resource("IndividualEnrollment", { serviceEndpoint, registrationId: "press-1", certificate: device.certificate });
resource("EnrollmentList", { serviceEndpoint, enrollments: { "meter-1": { symmetricKey: {} }, "meter-2": { caReference: root.name } } });
class OperatorEndpoint extends pulumi.ComponentResource {
  constructor(name, args) {
    super("zero-touch:iot:OperatorEndpoint", name, { ...args, principalId: undefined, summary: undefined }, {}, true);
  }
}
exports.operator = new OperatorEndpoint("operator", { location: "westeurope", environmentId: group.id, hubId: service.id,
  provisioningServiceId: service.id }).summary;
exports.thumbprint = root.thumbprint;
`;

describe("the plugin zero-touch", () => {
  let azure: TestAzure;
  let project: PulumiProject;

  before(async () => {
    azure = await startTestAzure();
    project = await PulumiProject.create(azure.env, { plugins: { providers: [{ name: "zero-touch", path: PLUGIN }] } });
    await project.attachStandIn("zero-touch");
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  const ok = ({ code, output }: Ended): string => {
    assert.equal(code, 0, output);
    return output;
  };
  const succeeds = async (...args: string[]): Promise<string> => ok(await project.run(...args));
  const resources = () =>
    Object.fromEntries(project.state.resources().map((each) => [each.urn.split("::").at(-1), each] as const));

  it("previews and creates its resources and a component, with keys as secrets of the state", async () => {
    project.program(program("enabled"));
    assert.match(await succeeds("up", "--yes"), /\+ 22 created/);
    const { instances, store } = project.state.outputs().operator as { instances: unknown; store: string };
    assert.deepEqual(instances, []);
    assert.match(store, /^https:\/\/\w+\.blob\.core\.windows\.net\/\w+/);
    assert.match(String(project.state.outputs().thumbprint), /^[0-9A-F]{40}$/);
    const state = project.state.exported();
    assert.doesNotMatch(state, /PRIVATE KEY|"primaryKey": "/);
    const { outputs = {} } = resources().EnrollmentList ?? {};
    assert.match(JSON.stringify(outputs.symmetricKeys), /ciphertext/);
  });

  it("imports what no stack knows, and a program of the same content shows no change", async () => {
    const { VerifiedCertificate } = resources();
    const service = String(VerifiedCertificate?.outputs?.provisioningServiceId);
    const state = JSON.parse(project.state.exported());
    const types = ["EnrollmentGroup", "EnrollmentList", "IndividualEnrollment", "VerifiedCertificate"];
    const isKept = (urn: string) => !types.some((name) => urn.includes(`:${name}::`));
    state.deployment.resources = state.deployment.resources
      .filter(({ urn }: { urn: string }) => isKept(urn))
      .map((resource: { dependencies?: string[] }) => ({
        ...resource,
        dependencies: resource.dependencies?.filter(isKept),
        propertyDependencies: undefined,
      }));
    project.state.replace(JSON.stringify(state));
    const entries = [
      { name: "VerifiedCertificate", id: `${service}/certificates/root` },
      { name: "EnrollmentGroup", id: "plugin-dps/presses" },
      { name: "IndividualEnrollment", id: `${HOST}/enrollments/press-1` },
      { name: "EnrollmentList", id: "plugin-dps/meter-*" },
      { name: "files", id: "ca.pem,root.key,line.key", type: "CertificateAuthority" },
      { name: "lathe", id: "lathe.pem,lathe.key", type: "DeviceCertificate" },
    ].map(({ type, ...entry }) => ({ ...entry, type: `zero-touch:index:${type ?? entry.name}` }));
    await credentialFiles(project.folder);
    writeFileSync(join(project.folder, "import.json"), JSON.stringify({ resources: entries }));
    // The engine starts the plugin, in the project's folder.
    const flags = ["--yes", "--protect=false", "--generate-code=false"];
    const imported = ok(await project.runWith({}, "import", "--file", "import.json", ...flags));
    assert.match(imported, /6 imported/);
    assert.doesNotMatch(imported, /failed to validate/);
    assert.doesNotMatch(project.state.exported(), /PRIVATE KEY|"primaryKey": "/);
    const { inputs } = resources().EnrollmentList ?? {};
    assert.deepEqual(Object.keys(Object(inputs?.enrollments)), ["meter-1", "meter-2"], "as the schema has them");
    project.program(program("enabled") + IMPORTED);
    ok(await project.runWith({}, "preview", "--expect-no-changes"));
  });

  it("updates one property, and deletes all", async () => {
    project.program(program("disabled") + IMPORTED);
    assert.match(await succeeds("up", "--yes", "--skip-preview"), /~ 1 updated/);
    await succeeds("preview", "--refresh", "--expect-no-changes");
    assert.match(await succeeds("destroy", "--yes", "--skip-preview"), /- 24 deleted/);
  });
});
