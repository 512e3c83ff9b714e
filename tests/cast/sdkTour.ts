/**
 * A client program as a user would write it, with Microsoft's own packages and nothing but the environment to point it
 * anywhere. It prints one JSON object of what it saw. Run as a child process: Node reads NODE_EXTRA_CA_CERTS at start.
 */
import { IotDpsClient } from "@azure/arm-deviceprovisioningservices";
import { IotHubClient } from "@azure/arm-iothub";
import { ResourceManagementClient } from "@azure/arm-resources";
import { ClientSecretCredential, DefaultAzureCredential } from "@azure/identity";
import { issueRoot, issueVerification } from "../../certs/issue";
import { newSigner } from "./certs";

interface Failure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
    return { message: "it did not fail" };
  } catch (error) {
    const { statusCode, code, message } = error as Failure;
    return { message, ...(statusCode === undefined ? {} : { statusCode }), ...(code === undefined ? {} : { code }) };
  }
}

const collect = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of pages) all.push(item);
  return all;
};

async function tour(): Promise<unknown> {
  const subscription = process.env.AZURE_SUBSCRIPTION_ID ?? "";
  const credential = new DefaultAzureCredential();
  const resources = new ResourceManagementClient(credential, subscription);
  const hubs = new IotHubClient(credential, subscription);
  const services = new IotDpsClient(credential, subscription);
  const location = "westeurope";
  const sku = { name: "S1", capacity: 1 };
  const [group, hubName, dpsName] = ["rg-tour", "hub-tour", "dps-tour"];

  const created = await resources.resourceGroups.createOrUpdate(group, { location, tags: { made: "by sdk" } });
  const exists = await resources.resourceGroups.checkExistence(group);
  const hubFree = await hubs.iotHubResource.checkNameAvailability({ name: hubName });
  const hub = await hubs.iotHubResource.beginCreateOrUpdateAndWait(group, hubName, { location, sku });
  const hubTaken = await hubs.iotHubResource.checkNameAvailability({ name: hubName });
  const hubKeys = await collect(hubs.iotHubResource.listKeys(group, hubName));
  const owner = await hubs.iotHubResource.getKeysForKeyName(group, hubName, "iothubowner");
  const connectionString = `HostName=${hubName}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${owner.primaryKey}`;
  const dps = await services.iotDpsResource.beginCreateOrUpdateAndWait(group, dpsName, {
    location,
    sku,
    properties: { iotHubs: [{ connectionString, location, allocationWeight: 5 }] },
  });
  // Read, modify, write: the masked connection string goes back as it came.
  const masked = await services.iotDpsResource.get(dpsName, group);
  const updated = await services.iotDpsResource.beginCreateOrUpdateAndWait(group, dpsName, masked);
  const dpsKeys = await collect(services.iotDpsResource.listKeys(dpsName, group));

  const signer = await newSigner();
  const root = await issueRoot({ commonName: "Tour Root", signer });
  const certificates = services.dpsCertificate;
  const content = (pem: string) => Uint8Array.from(Buffer.from(pem));
  const uploaded = await certificates.createOrUpdate(group, dpsName, "root", {
    properties: { certificate: content(root.toPem()) },
  });
  const stale = await failure(certificates.generateVerificationCode("root", "AAAAAAAAAAA=", group, dpsName));
  const coded = await certificates.generateVerificationCode("root", uploaded.etag ?? "", group, dpsName);
  const leafKey = await newSigner();
  const leaf = await issueVerification({
    verificationCode: coded.properties?.verificationCode ?? "",
    publicKey: leafKey.publicKey,
    issuer: { certificate: root, signer },
  });
  const proof = { certificate: leaf.toPem() };
  const verified = await certificates.verifyCertificate("root", coded.etag ?? "", group, dpsName, proof);
  const listed = await certificates.list(group, dpsName);
  await certificates.delete(group, verified.etag ?? "", dpsName, "root");
  const gone = await failure(certificates.get("root", group, dpsName));

  const list = await collect(resources.resources.list());
  await services.iotDpsResource.beginDeleteAndWait(dpsName, group);
  await hubs.iotHubResource.beginDeleteAndWait(group, hubName);
  const noHub = await failure(hubs.iotHubResource.get(group, hubName));
  await resources.resourceGroups.beginDeleteAndWait(group);
  const existsAfter = await resources.resourceGroups.checkExistence(group);
  const wrongSecret = await failure(
    new ResourceManagementClient(
      new ClientSecretCredential(
        process.env.AZURE_TENANT_ID ?? "",
        process.env.AZURE_CLIENT_ID ?? "",
        "not the secret",
      ),
      subscription,
    ).resourceGroups.get(group),
  );
  return {
    created,
    exists,
    hubFree,
    hub,
    hubTaken,
    hubKeys,
    dps,
    updated,
    dpsKeys,
    thumbprint: root.sha1Thumbprint,
    uploaded,
    stale,
    coded,
    verified,
    listed,
    gone,
    list,
    noHub,
    existsAfter,
    wrongSecret,
  };
}

tour().then(
  (seen) => process.stdout.write(`${JSON.stringify(seen)}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
