/**
 * Error codes of the Device Provisioning Service, device and service APIs.
 * Sources: Azure documentation "Troubleshoot DPS", "How to use custom allocation policies"; issue threads of the SDKs.
 */
import type { ExplanationTable } from "./explanation";

export const DPS_CODES: ExplanationTable = Object.freeze({
  "400004": {
    meaning:
      "An argument is invalid: a malformed ID, a body that is not JSON, or an enrollment with contradicting settings.",
    remedy: "Check the registration ID, group ID and certificates against the rules named in Pulumi.yaml.",
  },
  "400207": {
    meaning: "The custom allocation webhook returned an error (CustomAllocationFailed).",
    remedy: "Look at the webhook's own log; DPS repeats only after status 429 and above.",
  },
  "400208": {
    meaning: "The custom allocation webhook named no IoT hub (CustomAllocationIotHubNotSpecified).",
    remedy: "Let the webhook return 200 with `iotHubHostName` set to one of the linked hubs.",
  },
  "400209": {
    meaning: "The custom allocation webhook refused DPS (CustomAllocationUnauthorizedAccess).",
    remedy: "Check the key in the webhook's URL.",
  },
  "401001": {
    meaning: "The shared access signature or token is wrong, expired, or lacks the permission.",
    remedy: "Sign in again, and give the identity the role Device Provisioning Service Data Contributor.",
  },
  "401002": {
    meaning:
      "The caller is not authorised. For a device this is nearly always the certificate chain: leaf and intermediates " +
      "must be presented up to a CA that is verified with the provisioning service, and the leaf's CN must be the registration ID.",
    remedy:
      "Check that the root is verified (output rootCertificate), that the enrollment names it, that every certificate is " +
      "in date, and, for a service call, that the identity has the role Device Provisioning Service Data Contributor.",
  },
  IotHubUnauthorizedAccess: {
    meaning:
      "The hub refuses the provisioning service: its managed identity has no role on the hub, or the key of the link is no " +
      "longer one of the hub's.",
    remedy:
      "Run `pulumi refresh`, then `pulumi up`: it assigns the role IoT Hub Data Contributor and links the hub again. A new role " +
      "takes up to ten minutes to take effect.",
  },
  "403001": {
    meaning:
      "The provisioning service is full: it holds 100 groups of each kind of attestation, 1,000,000 individual " +
      "enrollments and 1,000,000 registrations, those of deleted enrollments included.",
    remedy: "Delete what is no longer needed, registration records too, or use another provisioning service.",
  },
  "404201": {
    meaning:
      "Not found: the ID scope belongs to no provisioning service, the enrollment does not exist, or no enrollment has a " +
      "key for this registration ID. A certificate chain that leads to no enrollment gets 401002.",
    remedy: "Check the ID scope and that the enrollment still exists (`pulumi refresh`), then run `pulumi up` again.",
  },
  "404202": {
    meaning: "There is no such registration record or operation.",
    remedy: "Run `pulumi refresh`: the next `pulumi up` registers the device again.",
  },
  "409201": {
    meaning: "An enrollment with this ID already exists and was not made by this stack.",
    remedy:
      "Choose another ID, or take the existing one over with `adopt` (docs/enrollments.md), then run `pulumi up` again.",
  },
  "409202": {
    meaning: "An enrollment group with this ID already exists and was not made by this stack.",
    remedy:
      "Choose another ID, or take the existing one over with `adopt` (docs/enrollments.md), then run `pulumi up` again.",
  },
  "409203": {
    meaning: "The enrollment was changed by someone else since Pulumi last read it (its ETag differs).",
    remedy: "Run `pulumi refresh` to see the change, then `pulumi up` to set it right.",
  },
  "412001": {
    meaning: "The record was changed by someone else since Pulumi last read it (its ETag differs).",
    remedy: "Run `pulumi refresh` to see the change, then `pulumi up` to set it right.",
  },
  disabled: {
    meaning: "The enrollment that matches the device is disabled, so DPS assigns it to no hub.",
    remedy: "Enable the enrollment (provisioningStatus `enabled`), then run `pulumi up` again.",
  },
  failed: {
    meaning: "DPS could not assign the device to a hub.",
    remedy: "Check that the provisioning service has a linked hub that the enrollment's allocation policy may choose.",
  },
  unassigned: {
    meaning: "DPS knows the device but has assigned it to no hub.",
    remedy: "Run `pulumi up` again; if it stays, check the linked hubs and the allocation policy.",
  },
  RegistrationTimeout: {
    meaning: "DPS took the registration but did not finish it in time.",
    remedy: "Run `pulumi up` again: registering twice is safe. Check the linked hub's state if it happens again.",
  },
  "429001": {
    meaning: "DPS is throttling: 1,000 operations and 1,000 registrations a minute, 5 polls per 10 seconds and device.",
    remedy: "Wait a minute and run `pulumi up` again; it goes on where it stopped.",
  },
  "500001": { meaning: "DPS failed on its own side.", remedy: "Run `pulumi up` again in a minute." },
  "501000": {
    meaning: "The local Azure does not emulate this; Azure's own DPS may well do it.",
    remedy: "See what it does in docs/local-azure.md, or try it against a subscription.",
  },
});
