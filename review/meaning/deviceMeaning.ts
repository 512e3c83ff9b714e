/** Devices of the stack: who registers, who is refused. */
import type { Change } from "../change";
import { code } from "../displayValue";
import type { Bag } from "../previewDocument";
import {
  type ChangeReader,
  differenceOf,
  nowOf,
  type ReviewContext,
  type ReviewFinding,
  textOf,
} from "../reviewFinding";

/** What has a device register again, by the changed input; the first one that fits tells the most. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^(?:idScope|globalEndpoint|serviceEndpoint)$/, "with another provisioning service"],
  [/^(?:certificateChain|privateKey)$/, "with a new certificate"],
  [/^hubs$/, "because the hubs of the provisioning service change"],
  [/^enrollment$/, "because their enrollment says something else"],
  [/^temperature$/, "with other content"],
];

function cause({ differences }: Change): string {
  const [, told] = CAUSES.find(([input]) => differences.some(({ property }) => input.test(property))) ?? [];
  return told ?? "because the last registration did not come to its end";
}

const ENROLLMENT = "pulumi-nodejs:dynamic/iot:IndividualEnrollment";

/** Whether other hardware takes a device ID over in the same run: it registers by an enrollment that gives it the ID. */
function isTakenOver(change: Change, deviceId: string | undefined, { changes }: ReviewContext): boolean {
  if (deviceId === undefined) return false;
  const standing = changes.filter((each) => each !== change && each.action !== "delete");
  const idOf = (each: Change) => textOf(each.after, "registrationId");
  const heirs = standing
    .filter(({ token, after }) => token === ENROLLMENT && textOf(after, "deviceId") === deviceId)
    .map(idOf);
  return standing.some(
    (each) => each.token === change.token && each.after.revoked !== true && heirs.includes(idOf(each) ?? ""),
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
      ? "Devices **taken away** with their registration records; their identities in the hub stay, for other hardware takes them over"
      : "Devices **taken away** with their registration records, their identities in the hub and their twins";
    return [{ section: "destructive", text, subject: subject + where }];
  }
  // The list of revoked devices tells of it; one that was revoked before stays so.
  if (change.after.revoked === true) return [];
  if (differenceOf(change, "revoked")) {
    return [{ section, text: "Register again and send their message, revoked no more", subject }];
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
    "Devices **made anew**: their identities in the hub and their twins are deleted before they register again";
  return [{ section: "destructive", text, subject }, registers];
};

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
  const section = "refused" as const;
  const revoked =
    "**Revoked**, so that the provisioning service refuses them and their identities in the hub are disabled";
  const back = "Let in again, with their block taken away and their identities enabled";
  const held = "Certificates **revoked**, so that whoever holds one is refused as well";
  const free = "Certificates revoked no more: who is refused for one of them alone is let in again";
  const told = (text: string, all: readonly string[]): readonly ReviewFinding[] =>
    all.map((each) => ({ section, text, subject: code(each) }));
  return [
    ...told(revoked, devices.added),
    ...told(back, devices.removed),
    ...told(held, certificates.added),
    ...told(free, certificates.removed),
  ];
};
