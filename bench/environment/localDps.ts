import type { Certificate } from "../../certs/certificate";
import { dpsService } from "../../emulator/dps/dpsService";
import { certificateInfo } from "../../emulator/dps/enrollments/enrollmentRecord";
import { EnrollmentStore } from "../../emulator/dps/enrollments/enrollmentStore";
import { IdentityStore } from "../../emulator/hub/devices/identityStore";
import { Database } from "../../emulator/kernel/database";
import type { CaCertificateRecord, Directory, ProvisioningServiceRecord } from "../../emulator/kernel/directory";
import { randomIds } from "../../emulator/kernel/ids";
import type { Operation } from "../../emulator/kernel/operation";

/** Leaf, intermediate and root of one device. */
export interface Chain {
  readonly id: string;
  readonly leaf: Certificate;
  readonly intermediate: Certificate;
  readonly root: Certificate;
}

const SERVICE: ProvisioningServiceRecord = {
  id: "/services/bench",
  key: "bench",
  name: "bench",
  idScope: "0ne00000001",
  allocationPolicy: "Hashed",
  linkedHubs: [],
  policies: [],
};

/** A DPS in memory without HTTP, that knows no hub: it verifies chains and assigns no device. */
export class LocalDps {
  readonly #enrollments: EnrollmentStore;
  readonly #lookUp: Operation;
  #certificates: readonly CaCertificateRecord[] = [];

  constructor() {
    const services = {
      database: new Database(":memory:"),
      clock: { now: () => new Date() },
      ids: randomIds,
      switches: { throttling: false, realDelays: false },
    };
    const directory: Directory = {
      provisioningService: () => SERVICE,
      provisioningServiceByIdScope: () => SERVICE,
      certificates: () => this.#certificates,
      hub: () => undefined,
      hubByKey: () => undefined,
      hubsWithEvents: () => [],
      hasConsumerGroup: () => false,
      allows: () => true,
      hubIdentity: () => undefined,
      storageScope: () => "",
      onRemoved() {},
    };
    this.#enrollments = new EnrollmentStore(services);
    const name = "RuntimeRegistration_DeviceRegistrationStatusLookup";
    const { deviceDefinition } = dpsService(services, {
      directory,
      tokens: { validate: () => ({ ok: false, reason: "malformed" }) },
      identities: new IdentityStore(services),
    });
    const found = deviceDefinition.operations.find((operation) => operation.name === name);
    if (!found) throw new Error(`no operation ${name}`);
    this.#lookUp = found;
  }

  /** Makes a group for an intermediate: a disabled one, so that the response is complete once the chain is found good. */
  enroll(id: string, intermediate: Certificate): void {
    const primary = { info: certificateInfo(intermediate), der: intermediate.raw.toString("base64") };
    const reprovisionPolicy = { updateHubAssignment: true, migrateDeviceData: true };
    const settings = { iotEdge: false, provisioningStatus: "disabled", reprovisionPolicy } as const;
    this.#enrollments.save(SERVICE.key, "group", id, { settings, attestation: { by: "signingCertificates", primary } });
  }

  /** Makes a root the only verified certificate. */
  trust(root: Certificate): void {
    this.#certificates = [{ name: "root", der: root.raw, isVerified: true }];
  }

  /** The status look-up of a device. Buffers are copied, as each connection brings its own: nothing is known of the leaf. */
  async judge({ id, leaf, intermediate, root }: Chain): Promise<void> {
    const chain = [leaf, intermediate, root].map(({ raw }) => Buffer.from(raw));
    const body = { registrationId: id };
    const response = await this.#lookUp.handle({
      method: "POST",
      host: "global.azure-devices-provisioning.net",
      path: `/${SERVICE.idScope}/registrations/${id}`,
      params: { idScope: SERVICE.idScope, id },
      query: new Map([["api-version", "2021-10-01"]]),
      headers: {},
      body,
      raw: Buffer.from(JSON.stringify(body)),
      clientChain: () => chain,
    });
    if ((response.body as { status?: unknown }).status !== "disabled") throw new Error("the bench's chain was refused");
  }
}
