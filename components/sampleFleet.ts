import * as pulumi from "@pulumi/pulumi";
import type { Signing } from "./certificateAuthority";
import { DeviceCertificate, type DeviceCertificateArgs } from "./deviceCertificate";
import type { EnrollmentGroup } from "./enrollmentGroup";
import type { EnrollmentList } from "./enrollmentList";
import { IndividualEnrollment } from "./individualEnrollment";
import type { ProvisioningService } from "./provisioningService";
import { Revocations } from "./revocations";
import { SampleDevice } from "./sampleDevice";
import type { VerifiedCertificate } from "./verifiedCertificate";

/** Arguments of {@link SampleFleet}. */
export interface SampleFleetArgs {
  readonly service: ProvisioningService;
  /** The enrollment that the group's devices come in by. */
  readonly group: EnrollmentGroup;
  /** The root that every device's chain leads to. */
  readonly root: VerifiedCertificate;
  /** The CA that issues the devices' certificates. */
  readonly issuer: Signing;
  /** Of the devices' certificates. */
  readonly device: Omit<DeviceCertificateArgs, "registrationId" | "issuer">;
  /** Registration IDs. */
  readonly groupDevices: readonly string[];
  readonly individualDevices: readonly { readonly registrationId: string; readonly deviceId: string | undefined }[];
  /** Individual enrollments beside those of the sample devices; revoked ones among them are disabled first. */
  readonly listed: EnrollmentList | undefined;
  /** Registration IDs in lower case, of devices here or elsewhere. */
  readonly revoked: ReadonlySet<string>;
  /** Of certificates, here or elsewhere, SHA-1 or SHA-256, upper-case hexadecimal. */
  readonly revokedThumbprints: ReadonlySet<string>;
  /** Individual enrollments that are taken over: by registration ID in lower case, `true` or their ETag. */
  readonly adopt: ReadonlyMap<string, true | string>;
  /** What the devices' messages say, degrees Celsius. */
  readonly temperature: number;
  /** Whether Pulumi refuses to remove the revocations as a whole, which lets the devices in again; default false. */
  readonly protect?: boolean | undefined;
}

/**
 * The sample devices with their certificates and enrollments, and the revoked devices. No resource of its own: the parts
 * stand beside one another, as a reader of a preview looks for them.
 */
export class SampleFleet {
  readonly enrollments: readonly IndividualEnrollment[];
  /** The group's devices first. */
  readonly devices: readonly SampleDevice[];
  /** Addresses of the secrets that hold the devices' certificates and keys in a vault; none where the state holds them. */
  readonly secretIds: readonly pulumi.Output<string>[];

  constructor(name: string, args: SampleFleetArgs) {
    const { service, issuer, root, temperature, groupDevices, individualDevices } = args;
    const { revokedThumbprints } = args;
    const ids = [...groupDevices, ...individualDevices.map(({ registrationId }) => registrationId)];
    const identities = new Map(
      ids.map((id) => [
        id,
        new DeviceCertificate(id, { registrationId: id, issuer, ...args.device, revokedThumbprints }),
      ]),
    );
    const identify = (id: string): DeviceCertificate => {
      const identity = identities.get(id);
      if (!identity) throw new TypeError(`${id} is no device of this fleet`);
      return identity;
    };
    const isNamed = (id: string): boolean => args.revoked.has(id.toLowerCase());
    // Nothing waits for a certificate where no thumbprint is revoked.
    const isRevoked = (id: string): pulumi.Input<boolean> =>
      isNamed(id) || (revokedThumbprints.size > 0 && identify(id).isAmong(revokedThumbprints));

    const enrollments = individualDevices.map(({ registrationId, deviceId }) => {
      const provisioningStatus = statusOf(isRevoked(registrationId));
      const adopt = args.adopt.get(registrationId.toLowerCase());
      const { certificate } = identify(registrationId);
      return new IndividualEnrollment(registrationId, {
        ...{ service, registrationId, deviceId, certificate, provisioningStatus, adopt },
      });
    });

    const others = [...args.revoked].filter((revoked) => !ids.some((id) => id.toLowerCase() === revoked));
    const here = ids.map((id) => ({
      registrationId: id,
      certificate: identify(id).certificate,
      isRevoked: isRevoked(id),
    }));
    const devices = pulumi
      .output(here.filter((each) => each.isRevoked !== false))
      .apply((all) => [
        ...all
          .filter((each) => each.isRevoked)
          .map(({ registrationId, certificate }) => ({ registrationId, certificate })),
        ...others.map((registrationId) => ({ registrationId })),
      ]);
    const disabled = enrollments.filter(
      (_, index) => isRevoked(individualDevices[index]?.registrationId ?? "") !== false,
    );
    const dependsOn = [...disabled, ...(args.listed === undefined ? [] : [args.listed])];
    const held = { dependsOn, ...(args.protect ? { protect: true } : {}) };
    const revocations = new Revocations(name, { service, devices, thumbprints: revokedThumbprints }, held);

    const make = (id: string, enrollment: EnrollmentGroup | IndividualEnrollment): SampleDevice =>
      new SampleDevice(
        id,
        { service, identity: identify(id), enrollment, temperature, revoked: isRevoked(id) },
        // A chain must end at a verified CA for an individual enrollment too; a revocation ends before a device returns.
        { dependsOn: [root, revocations] },
      );
    this.secretIds = [...identities.values()].flatMap(({ secretId }) => secretId ?? []);
    this.enrollments = enrollments;
    this.devices = [
      ...groupDevices.map((id) => make(id, args.group)),
      ...enrollments.map((enrollment, index) => make(individualDevices[index]?.registrationId ?? "", enrollment)),
    ];
  }
}

/** Undefined where nothing is revoked: the service's own default stands. */
const statusOf = (isRevoked: pulumi.Input<boolean>): pulumi.Input<"enabled" | "disabled"> | undefined =>
  isRevoked === false
    ? undefined
    : isRevoked === true
      ? "disabled"
      : pulumi.output(isRevoked).apply((revoked) => (revoked ? "disabled" : "enabled"));
