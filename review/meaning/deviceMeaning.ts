/** Devices of the stack: which register, which are refused. */
import type { Change } from "../change";
import { code } from "../displayValue";
import type { Bag } from "../previewDocument";
import {
  type ChangeReader,
  differenceOf,
  findingsOf,
  nowOf,
  type ReviewContext,
  type ReviewFinding,
  textOf,
} from "../reviewFinding";

/** Why a device registers again, by the changed input; the first match counts. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^(?:idScope|globalEndpoint|serviceEndpoint)$/, "with another provisioning service"],
  [/^(?:certificateChain|privateKey)$/, "with a new certificate"],
  [/^hubs$/, "because the hubs of the provisioning service change"],
  [/^enrollment$/, "because their enrollment changes"],
  [/^transport$/, "over another transport"],
  [/^temperature$/, "with other content"],
];

function cause({ differences }: Change): string {
  const [, reason] = CAUSES.find(([input]) => differences.some(({ property }) => input.test(property))) ?? [];
  return reason ?? "because the last registration did not finish";
}

const ENROLLMENT = "pulumi-nodejs:dynamic/iot:IndividualEnrollment";

/** Whether other hardware takes over a device ID in the same run, by an individual enrollment with that ID. */
function isTakenOver(change: Change, deviceId: string | undefined, { changes }: ReviewContext): boolean {
  if (deviceId === undefined) return false;
  const remaining = changes.filter((each) => each !== change && each.action !== "delete");
  const idOf = (each: Change) => textOf(each.after, "registrationId");
  const successors = remaining
    .filter(({ token, after }) => token === ENROLLMENT && textOf(after, "deviceId") === deviceId)
    .map(idOf);
  return remaining.some(
    (each) => each.token === change.token && each.after.revoked !== true && successors.includes(idOf(each) ?? ""),
  );
}

/** Of the registration of a device of the stack. */
export const deviceRegistration: ChangeReader = (change, context) => {
  const subject = code(nowOf(change, "registrationId") ?? change.name);
  const section = "devices" as const;
  if (change.action === "delete") {
    const deviceId = textOf(change.outputs, "deviceId");
    const hub = textOf(change.outputs, "assignedHub");
    const where = deviceId && hub ? ` (${code(deviceId)} in ${code(hub)})` : "";
    const text = isTakenOver(change, deviceId, context)
      ? "Devices **removed** with their registration records; their identities in the hub stay, because other hardware takes them over"
      : "Devices **removed** with their registration records, their identities in the hub and their twins";
    return [{ section: "destructive", text, subject: subject + where }];
  }
  // The list of revoked devices covers it; a device that was revoked before stays revoked.
  if (change.after.revoked === true) return [];
  if (differenceOf(change, "revoked")) {
    return [{ section, text: "Register again and send their message, no longer revoked", subject }];
  }
  if (change.action === "create" || change.action === "import") {
    return [{ section, text: "Register for the first time and send their message", subject }];
  }
  const registers: ReviewFinding = {
    section,
    text: `Register again and send their message, ${cause(change)}`,
    subject,
  };
  if (change.action !== "replace") return [registers];
  const text =
    "Devices **replaced**: their identities in the hub and their twins are deleted before they register again";
  return [{ section: "destructive", text, subject }, registers];
};

/** Of the receipt of the devices' messages, which makes and loses nothing. */
export const telemetryReceipt: ChangeReader = ({ action }) =>
  action === "delete" ? [] : [{ section: "devices", text: "Messages are read back from the events of the hub" }];

const thumbprintsIn = ({ thumbprints }: Bag): readonly string[] =>
  (Array.isArray(thumbprints) ? thumbprints : []).filter((each): each is string => typeof each === "string");

const revokedIn = (bag: Bag): readonly string[] =>
  (Array.isArray(bag.devices) ? (bag.devices as readonly Bag[]) : []).flatMap(
    (device) => textOf(device, "registrationId") ?? [],
  );

/** Of the list of revoked devices. */
export const revocations: ChangeReader = (change) => {
  const compared = (list: (bag: Bag) => readonly string[]) => {
    const before = new Set(change.action === "create" ? [] : list(change.before));
    const after = new Set(change.action === "delete" ? [] : list(change.after));
    return {
      added: [...after].filter((each) => !before.has(each)),
      removed: [...before].filter((each) => !after.has(each)),
    };
  };
  const [devices, certificates] = [compared(revokedIn), compared(thumbprintsIn)];
  const revoked =
    "**Revoked**, so that the provisioning service refuses them and their identities in the hub are disabled";
  const back = "Accepted again: their block is removed and their identities are enabled";
  const blocked = "Certificates **revoked**, so that devices that present one are refused as well";
  const unblocked =
    "Certificates no longer revoked: devices that are refused only because of one of them are accepted again";
  return [
    ...findingsOf("refused", revoked, devices.added),
    ...findingsOf("refused", back, devices.removed),
    ...findingsOf("refused", blocked, certificates.added),
    ...findingsOf("refused", unblocked, certificates.removed),
  ];
};
