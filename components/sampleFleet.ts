import * as pulumi from "@pulumi/pulumi";
import type { RevokedDevice } from "../providers/revocationsResource";
import { adoptionOf } from "./adoption";
import type { CaCredentialsArgs } from "./certificateAuthority";
import { DeviceCertificate, type DeviceCertificateArgs } from "./deviceCertificate";
import type { EnrollmentService } from "./enrollmentService";
import { IndividualEnrollment } from "./individualEnrollment";
import { isListed } from "./naming";
import { type EnrollmentRevision, type RegistrationService, SampleDevice } from "./sampleDevice";
import { hasThumbprint } from "./thumbprint";
import type { VaultReference } from "./vaultReference";

/** The set of arguments for {@link createSampleEnrollments}. */
export interface SampleEnrollmentsArgs {
  /** The provisioning service. */
  service: EnrollmentService;
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
  /** Registration IDs to block, of these devices or others. */
  revoked: string[];
  /** SHA-1 or SHA-256 thumbprints of certificates to block, upper-case hexadecimal. */
  revokedThumbprints: string[];
  /** Registration IDs whose individual enrollments are disabled. Default: none. */
  disabledEnrollments?: string[];
  /** Existing individual enrollments to adopt: by registration ID, `true` or the expected ETag. */
  adopt: Readonly<Record<string, true | string>>;
}

/** The sample devices' certificates and enrollments. */
export interface SampleEnrollments {
  /** The group's devices first. */
  readonly planned: readonly PlannedDevice[];
  readonly enrollments: readonly IndividualEnrollment[];
  /** Key Vault secret IDs of the devices' certificates and keys; empty for credentials in the stack's state. */
  readonly secretIds: pulumi.Output<string>[];
  /** The devices to block, these and others, for `Revocations`. */
  readonly revokedDevices: pulumi.Output<pulumi.Unwrap<RevokedDevice>[]>;
  /** The enrollments of devices to block: they are disabled first. */
  readonly revokedEnrollments: readonly IndividualEnrollment[];
}

/** A sample device before its registration. */
export interface PlannedDevice {
  readonly registrationId: string;
  readonly identity: DeviceCertificate;
  /** A boolean where no certificate has to be known. */
  readonly isRevoked: boolean | pulumi.Output<boolean>;
  /** Undefined for a device of the group. */
  readonly enrollment: IndividualEnrollment | undefined;
  /** Whether the individual enrollment is disabled. */
  readonly isEnrollmentDisabled: boolean;
}

/** Creates the sample devices' certificates and individual enrollments. */
export function createSampleEnrollments(args: SampleEnrollmentsArgs): SampleEnrollments {
  const planned = planDevices(args);
  const enrollments = planned.flatMap(({ enrollment }) => enrollment ?? []);
  return {
    planned,
    enrollments,
    secretIds: planned.flatMap(({ identity }) => identity.secretId ?? []),
    revokedDevices: revokedDevices(planned, args.revoked),
    revokedEnrollments: planned.flatMap(({ isRevoked, enrollment }) => (isRevoked === false ? [] : (enrollment ?? []))),
  };
}

/** The set of arguments for {@link createSampleDevices}. */
export interface SampleDevicesArgs {
  /** The provisioning service. */
  service: RegistrationService;
  /** The enrollment of the group's devices. */
  group: EnrollmentRevision;
  /** Whether the enrollment group is disabled. Default false. */
  isGroupDisabled?: boolean;
  samples: SampleEnrollments;
  /** Temperature in the devices' messages, degrees Celsius. */
  temperature: number;
  /** How the devices register and send their messages. Default `https`. */
  transport?: "https" | "mqtt" | "amqp";
  /** The verified root that the devices' chains lead to, and the revocations: an unblocked device registers again. */
  dependsOn: pulumi.Resource[];
}

/** Registers the sample devices, the group's first. */
export function createSampleDevices(args: SampleDevicesArgs): SampleDevice[] {
  const { service, group, isGroupDisabled = false, samples, temperature, transport, dependsOn } = args;
  return samples.planned.map(
    ({ registrationId, identity, isRevoked, enrollment, isEnrollmentDisabled }) =>
      new SampleDevice(
        registrationId,
        {
          service,
          identity,
          enrollment: enrollment ?? group,
          enrollmentDisabled: (enrollment === undefined ? isGroupDisabled : isEnrollmentDisabled) || undefined,
          temperature,
          transport,
          revoked: isRevoked,
        },
        { dependsOn },
      ),
  );
}

function planDevices(args: SampleEnrollmentsArgs): readonly PlannedDevice[] {
  const { service, issuer, certificate, vault, revokedThumbprints, disabledEnrollments = [], adopt } = args;
  const revoked = new Set(args.revoked.map((id) => id.toLowerCase()));
  const individuals = args.individualDevices.map(({ registrationId, ...individual }) => ({
    registrationId,
    individual,
  }));
  const group = args.groupDevices.map((registrationId) => ({ registrationId, individual: undefined }));
  return [...group, ...individuals].map(({ registrationId, individual }) => {
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
    const isEnrollmentDisabled = individual !== undefined && isListed(disabledEnrollments, registrationId);
    const enrollment =
      individual &&
      new IndividualEnrollment(registrationId, {
        service,
        registrationId,
        deviceId: individual.deviceId,
        certificate: identity.certificate,
        // Undefined is the service's default.
        provisioningStatus: isEnrollmentDisabled
          ? "disabled"
          : isRevoked === false
            ? undefined
            : pulumi.output(isRevoked).apply((blocked) => (blocked ? "disabled" : "enabled")),
        adopt: adoptionOf(adopt, registrationId),
      });
    return { registrationId, identity, isRevoked, enrollment, isEnrollmentDisabled };
  });
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
