import * as pulumi from "@pulumi/pulumi";
import { adoptionOf } from "./adoption";
import type { CaCredentialsArgs } from "./certificateAuthority";
import { DeviceCertificate, type DeviceCertificateArgs } from "./deviceCertificate";
import { IndividualEnrollment } from "./individualEnrollment";
import { Revocations } from "./revocations";
import { type EnrollmentRevision, type RegistrationService, SampleDevice } from "./sampleDevice";
import { hasThumbprint } from "./thumbprint";
import type { VaultReference } from "./vaultReference";

/** The set of arguments for {@link createSampleFleet}. */
export interface SampleFleetArgs {
  /** The provisioning service. */
  service: RegistrationService;
  /** The enrollment of the group's devices. */
  group: EnrollmentRevision;
  /** The verified root that devices' chains lead to. */
  root: pulumi.Resource;
  /** The CA that issues device certificates. */
  issuer: CaCredentialsArgs;
  /** Settings of device certificates. */
  certificate: Pick<DeviceCertificateArgs, "keyAlgorithm" | "lifetimeDays" | "renewBeforeDays" | "expiryWarningDays">;
  /** Keeps the devices' certificates and keys. Default: the stack's state. */
  vault: VaultReference | undefined;
  /** Registration IDs of devices in the enrollment group. */
  groupDevices: string[];
  /** Devices with individual enrollments; the device ID defaults to the registration ID. */
  individualDevices: { readonly registrationId: string; readonly deviceId?: string }[];
  /** Other enrollments of the stack, in which revoked devices are disabled first. */
  enrollmentList: pulumi.Resource | undefined;
  /** Registration IDs to block, of these devices or others. */
  revoked: string[];
  /** SHA-1 or SHA-256 thumbprints of certificates to block, upper-case hexadecimal. */
  revokedThumbprints: string[];
  /** Existing individual enrollments to adopt: by registration ID, `true` or the expected ETag. */
  adopt: Readonly<Record<string, true | string>>;
  /** Temperature in the devices' messages, degrees Celsius. */
  temperature: number;
}

/** The sample devices and their enrollments. */
export interface SampleFleet {
  readonly enrollments: readonly IndividualEnrollment[];
  /** The group's devices first. */
  readonly devices: readonly SampleDevice[];
  /** Key Vault secret IDs of the devices' certificates and keys; empty for credentials in the stack's state. */
  readonly secretIds: pulumi.Output<string>[];
}

interface PlannedDevice {
  readonly registrationId: string;
  /** Undefined for a device of the group. */
  readonly individual: { readonly deviceId?: string } | undefined;
  readonly identity: DeviceCertificate;
  /** A boolean where no certificate has to be known. */
  readonly isRevoked: boolean | pulumi.Output<boolean>;
}

/**
 * Creates the sample devices with their certificates and enrollments, and the revocations of these and other devices. The
 * options apply to the revocations: protect them to keep revoked devices blocked.
 */
export function createSampleFleet(
  name: string,
  args: SampleFleetArgs,
  opts?: pulumi.ComponentResourceOptions,
): SampleFleet {
  const { service, temperature, revokedThumbprints } = args;
  const planned = planDevices(args);
  const enrolled = planned.map((device) => ({ ...device, enrollment: enroll(device, args) }));
  const enrollments = enrolled.flatMap(({ enrollment }) => enrollment ?? []);
  const disabled = enrolled.flatMap(({ isRevoked, enrollment }) => (isRevoked === false ? [] : (enrollment ?? [])));
  const revocations = new Revocations(
    name,
    { service, devices: revokedDevices(planned, args.revoked), thumbprints: revokedThumbprints },
    pulumi.mergeOptions(opts, { dependsOn: [...disabled, ...(args.enrollmentList ? [args.enrollmentList] : [])] }),
  );
  const devices = enrolled.map(
    ({ registrationId, identity, isRevoked, enrollment = args.group }) =>
      new SampleDevice(
        registrationId,
        { service, identity, enrollment, temperature, revoked: isRevoked },
        // The chain of an individual enrollment must lead to a verified CA, too; an unblocked device registers again.
        { dependsOn: [args.root, revocations] },
      ),
  );
  return { enrollments, devices, secretIds: planned.flatMap(({ identity }) => identity.secretId ?? []) };
}

function planDevices(args: SampleFleetArgs): readonly PlannedDevice[] {
  const { issuer, certificate, vault, revokedThumbprints } = args;
  const revoked = new Set(args.revoked.map((id) => id.toLowerCase()));
  const individuals = args.individualDevices.map(({ registrationId, ...individual }) => ({
    registrationId,
    individual,
  }));
  const group = args.groupDevices.map((registrationId) => ({ registrationId, individual: undefined }));
  return [...group, ...individuals].map((device) => {
    const { registrationId } = device;
    const identity = new DeviceCertificate(registrationId, {
      ...certificate,
      registrationId,
      issuer,
      revokedThumbprints,
      vault,
    });
    const isRevoked =
      revoked.has(registrationId.toLowerCase()) ||
      // Without thumbprints, nothing waits for a certificate.
      (revokedThumbprints.length > 0 && identity.certificate.apply((pem) => hasThumbprint(pem, revokedThumbprints)));
    return { ...device, identity, isRevoked };
  });
}

function enroll(device: PlannedDevice, { service, adopt }: SampleFleetArgs): IndividualEnrollment | undefined {
  const { registrationId, individual, identity, isRevoked } = device;
  return (
    individual &&
    new IndividualEnrollment(registrationId, {
      service,
      registrationId,
      deviceId: individual.deviceId,
      certificate: identity.certificate,
      // Undefined is the service's default.
      provisioningStatus:
        isRevoked === false
          ? undefined
          : pulumi.output(isRevoked).apply((revoked) => (revoked ? "disabled" : "enabled")),
      adopt: adoptionOf(adopt, registrationId),
    })
  );
}

/** The revoked devices, with certificates for those of this stack. */
function revokedDevices(planned: readonly PlannedDevice[], revoked: readonly string[]) {
  const ids = new Set(planned.map(({ registrationId }) => registrationId.toLowerCase()));
  const others = revoked.filter((id) => !ids.has(id.toLowerCase())).map((registrationId) => ({ registrationId }));
  const candidates = planned
    .filter(({ isRevoked }) => isRevoked !== false)
    .map(({ registrationId, identity, isRevoked }) => ({
      registrationId,
      certificate: identity.certificate,
      isRevoked,
    }));
  return pulumi
    .output(candidates)
    .apply((all) => [
      ...all
        .filter(({ isRevoked }) => isRevoked)
        .map(({ registrationId, certificate }) => ({ registrationId, certificate })),
      ...others,
    ]);
}
