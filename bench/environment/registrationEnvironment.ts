import { API_VERSIONS, SCOPES } from "../../azure/apiVersions";
import { serviceHost } from "../../azure/hosts";
import { issueDevice, issueIntermediate, issueRoot } from "../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import type { LocalAzure } from "./localAzure";

/** A device ready to register: its chain (leaf, intermediate, root) and key, PEM. */
export interface Device {
  readonly registrationId: string;
  readonly cert: string;
  readonly key: string;
}

/** What devices register against: a hub, a DPS with a verified root, and an enrollment group for it. */
export interface RegistrationEnvironment {
  readonly idScope: string;
  /** PEM of the CA that issues the devices' certificates and of the root, and PEM of the CA's key. */
  readonly issuer: { readonly chain: string; readonly key: string };
  /** Makes devices `PREFIX-0 …`. They share one key: making keys is not what is measured. */
  devices(prefix: string, count: number): Promise<Device[]>;
  /** Puts individual enrollments by CA reference, so that the table of enrollments has them. */
  enroll(prefix: string, count: number): Promise<void>;
}

const GROUP = "bench";
const HUB = "bench-hub";
const DPS = "bench-dps";
/** Enrollments put at once. */
const LANES = 16;

/** Creates the environment through ARM and the DPS service API. */
export async function createRegistrationEnvironment(azure: LocalAzure): Promise<RegistrationEnvironment> {
  const root = new KeySigner(await generateKeyPair("EC-P256"));
  const middleKeys = await generateKeyPair("EC-P256");
  const middle = new KeySigner(middleKeys);
  const rootCertificate = await issueRoot({ commonName: "bench root", signer: root });
  const intermediate = await issueIntermediate({
    commonName: "bench intermediate",
    publicKey: middle.publicKey,
    issuer: { certificate: rootCertificate, signer: root },
  });
  const group = `/resourceGroups/${GROUP}`;
  const location = "westeurope";
  await azure.arm("PUT", `${group}?api-version=${API_VERSIONS.resourceGroups}`, { location });
  const hub = `${group}/providers/Microsoft.Devices/IotHubs/${HUB}`;
  const hubVersion = `api-version=${API_VERSIONS.iotHubs}`;
  await azure.arm("PUT", `${hub}?${hubVersion}`, { location, sku: { name: "S1", capacity: 1 }, properties: {} });
  const { primaryKey } = await azure.arm<{ primaryKey: string }>(
    "POST",
    `${group}/providers/Microsoft.Devices/IotHubs/${HUB}/IotHubKeys/iothubowner/listkeys?${hubVersion}`,
  );
  const connectionString = `HostName=${HUB}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`;
  const dps = `${group}/providers/Microsoft.Devices/provisioningServices/${DPS}`;
  const dpsVersion = `api-version=${API_VERSIONS.provisioningServices}`;
  await azure.arm("PUT", `${dps}?${dpsVersion}`, {
    location,
    sku: { name: "S1", capacity: 1 },
    properties: { iotHubs: [{ connectionString, location }] },
  });
  await azure.arm("PUT", `${dps}/certificates/root?${dpsVersion}`, {
    properties: { certificate: rootCertificate.raw.toString("base64"), isVerified: true },
  });
  const { properties } = await azure.arm<{ properties: { idScope: string } }>("GET", `${dps}?${dpsVersion}`);
  const token = await azure.token(SCOPES.dps);
  const host = serviceHost(DPS);
  const agents = Array.from({ length: LANES }, () => azure.agent(host));
  const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } };
  const put = async (lane: number, path: string, body: unknown): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const full = `${path}?api-version=${API_VERSIONS.dpsService}`;
    await azure.ask({ host, method: "PUT", path: full, headers, body: JSON.stringify(body) }, agents[lane % LANES]);
  };
  await put(0, `/enrollmentGroups/${GROUP}`, { enrollmentGroupId: GROUP, attestation });

  const deviceKeys = await generateKeyPair("EC-P256");
  const key = exportPrivateKey(deviceKeys);
  const issuer = { certificate: intermediate, signer: middle };
  const tail = `${intermediate.toPem()}${rootCertificate.toPem()}`;
  return {
    idScope: properties.idScope,
    issuer: { chain: tail, key: exportPrivateKey(middleKeys) },
    devices: (prefix, count) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const registrationId = `${prefix}-${index}`;
          const leaf = await issueDevice({ registrationId, publicKey: deviceKeys.publicKey, issuer });
          return { registrationId, key, cert: `${leaf.toPem()}${tail}` };
        }),
      ),
    enroll: async (prefix, count) => {
      let next = 0;
      const lane = async (_: unknown, number: number): Promise<void> => {
        while (next < count) {
          const registrationId = `${prefix}-${next++}`;
          await put(number, `/enrollments/${registrationId}`, { registrationId, attestation });
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    },
  };
}
