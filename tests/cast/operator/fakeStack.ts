import type { Certificate } from "../../../certs/certificate";
import { issueDevice, issueIntermediate, issueRoot } from "../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../certs/keys";
import { KeySigner } from "../../../certs/signer";
import type {
  OperatorStack,
  RunOptions,
  RunOutcome,
  StackConfiguration,
  StackResource,
  StackUpdate,
} from "../../../operator/stack/operatorStack";
import { generationsOf } from "../../../operator/stack/stampInformation";
import { NOW, stoppedClock } from "../certs";

/** A dynamic resource in the state. */
export const dynamic = (kind: string, name: string, outputs: Readonly<Record<string, unknown>>): StackResource => ({
  urn: `urn:pulumi:dev::azure-iot-zero-touch::pulumi-nodejs:dynamic/iot:${kind}::${name}`,
  type: `pulumi-nodejs:dynamic/iot:${kind}`,
  name,
  inputs: {},
  outputs,
});

const arm = (type: string, name: string, outputs: Readonly<Record<string, unknown>> = {}): StackResource => ({
  urn: `urn:pulumi:dev::azure-iot-zero-touch::azure-native:${type}::${name}`,
  type: `azure-native:${type}`,
  name,
  id: `/subscriptions/s-1/resourceGroups/rg-1/providers/${name}`,
  inputs: {},
  outputs: { name, ...outputs },
});

/** The outputs of the stack. */
export const OUTPUTS = Object.freeze({
  resourceGroupName: "rg-1",
  hubHostName: "hub-1.azure-devices.net",
  provisioningServiceName: "dps-1",
  idScope: "0ne00000001",
  serviceEndpoint: "dps-1.azure-devices-provisioning.net",
  globalEndpoint: "global.azure-devices-provisioning.net",
  enrollmentGroups: [{ enrollmentGroupId: "sample-group", provisioningStatus: "enabled" }],
  devices: [{ registrationId: "device-01", status: "assigned" }],
});

/** The certificates of the stack, and the key of its root as PEM. */
interface StackCertificates {
  readonly root: Certificate;
  readonly rootKey: string;
  readonly intermediate: Certificate;
  readonly device: Certificate;
}

async function certificatesOf(): Promise<StackCertificates> {
  const clock = stoppedClock();
  const [rootKey, key] = [await generateKeyPair("EC-P256"), await generateKeyPair("EC-P256")];
  const signer = new KeySigner(rootKey);
  const root = await issueRoot({ commonName: "Test Root", signer, clock });
  const order = { publicKey: key.publicKey, clock };
  const intermediate = await issueIntermediate({
    ...order,
    commonName: "Test CA",
    issuer: { certificate: root, signer },
  });
  const issuer = { certificate: intermediate, signer: new KeySigner(key) };
  const device = await issueDevice({ ...order, registrationId: "device-01", issuer });
  return { root, rootKey: exportPrivateKey(rootKey), intermediate, device };
}

/** A stack with a CA hierarchy of its own; its configuration is what the commands set. */
export class FakeStack implements OperatorStack {
  readonly name = "dev";
  /** How the next updates end, the first one first. Default: success with one change. */
  readonly outcomes: RunOutcome[] = [];
  /** Called when an update begins. */
  onUpdate: () => Promise<void> = async () => undefined;
  values: StackConfiguration = { cloud: "local", rootName: "Test Root", caGenerations: [1] };
  /** More resources. */
  readonly more: StackResource[] = [];
  updates = 0;

  private constructor(readonly certificates: StackCertificates) {}

  static async create(): Promise<FakeStack> {
    return new FakeStack(await certificatesOf());
  }

  async resources(): Promise<readonly StackResource[]> {
    const { root, intermediate, device } = this.certificates;
    const generations = generationsOf(this.values);
    return [
      {
        urn: "urn:pulumi:dev::azure-iot-zero-touch::pulumi:pulumi:Stack::azure-iot-zero-touch-dev",
        type: "pulumi:pulumi:Stack",
        name: "azure-iot-zero-touch-dev",
        inputs: {},
        outputs: OUTPUTS,
      },
      arm("resources:ResourceGroup", "rg-1", { location: "westeurope" }),
      arm("iothub:IotHubResource", "hub-1", { location: "westeurope" }),
      arm("deviceprovisioningservices:IotDpsResource", "dps-1"),
      ...generations.map((generation) => ({
        created: NOW.toISOString(),
        ...dynamic("CertificateAuthority", generation === 1 ? "zero-touch-ca" : `zero-touch-${generation}-ca`, {
          rootName: generation === 1 ? "Test Root" : `Test Root ${generation}`,
          rootCertificate: root.toPem(),
          rootKey: "[secret]",
          intermediateCertificate: intermediate.toPem(),
        }),
      })),
      dynamic("VerifiedCertificate", "zero-touch-root", {
        thumbprint: root.sha1Thumbprint,
        isVerified: true,
      }),
      dynamic("EnrollmentGroup", "zero-touch-enrollment", { enrollmentGroupId: "sample-group" }),
      dynamic("IndividualEnrollment", "device-02-enrollment", { registrationId: "device-02" }),
      dynamic("DeviceCertificate", "device-01-certificate", {
        registrationId: "device-01",
        certificate: device.toPem(),
      }),
      ...this.more,
    ];
  }

  async secret(_urn: string, output: string): Promise<string | undefined> {
    return output === "rootKey" ? this.certificates.rootKey : undefined;
  }

  async configuration(): Promise<StackConfiguration> {
    return this.values;
  }

  async configure(values: StackConfiguration): Promise<void> {
    const set = Object.entries({ ...this.values, ...values }).filter(([, value]) => value !== undefined);
    this.values = Object.fromEntries(set);
  }

  async update({ onChange, signal }: RunOptions): Promise<RunOutcome> {
    this.updates += 1;
    await this.onUpdate();
    if (signal.aborted) return { result: "cancelled", changes: [], errors: [] };
    const change = {
      operation: "update",
      type: "pulumi-nodejs:dynamic/iot:Revocations",
      name: "zero-touch-revocations",
    };
    const outcome = this.outcomes.shift() ?? { result: "succeeded", changes: [change], errors: [] };
    for (const each of outcome.changes) onChange?.(each);
    return outcome;
  }

  async preview(): Promise<RunOutcome> {
    return this.outcomes.shift() ?? { result: "succeeded", changes: [], errors: [] };
  }

  async history(): Promise<readonly StackUpdate[]> {
    const startTime = NOW.toISOString();
    return [{ version: 7, kind: "update", startTime, result: "succeeded", message: "first", changes: { create: 26 } }];
  }
}
