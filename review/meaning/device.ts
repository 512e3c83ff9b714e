/** Devices of the stack: who registers, who is refused. */
import type { Change } from "../change";
import { differenceOf, type Finding, nowOf, type Reader, textOf } from "../finding";
import type { Bag } from "../preview";
import { code } from "../value";

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

/** Of the registration of a device of the stack. */
export const deviceRegistration: Reader = (change) => {
  const subject = code(nowOf(change, "registrationId") ?? change.name);
  const section = "devices" as const;
  if (change.action === "delete") {
    const deviceId = textOf(change.outputs, "deviceId");
    const hub = textOf(change.outputs, "assignedHub");
    const where = deviceId && hub ? ` (${code(deviceId)} in ${code(hub)})` : "";
    const text = "Devices **taken away** with their registration records, their identities in the hub and their twins";
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
  const registers: Finding = { section, text: `Register again and send their message, ${cause(change)}`, subject };
  if (change.action !== "replace") return [registers];
  const text =
    "Devices **made anew**: their identities in the hub and their twins are deleted before they register again";
  return [{ section: "destructive", text, subject }, registers];
};

const revokedIn = (bag: Bag): readonly string[] =>
  (Array.isArray(bag.devices) ? (bag.devices as readonly Bag[]) : []).flatMap(
    (device) => textOf(device, "registrationId") ?? [],
  );

/** Of the list of revoked devices. */
export const revocations: Reader = (change) => {
  const before = change.action === "create" ? [] : revokedIn(change.before);
  const after = change.action === "delete" ? [] : revokedIn(change.after);
  const added = after.filter((id) => !before.includes(id));
  const removed = before.filter((id) => !after.includes(id));
  const section = "refused" as const;
  const revoked =
    "**Revoked**, so that the provisioning service refuses them and their identities in the hub are disabled";
  const back = "Let in again, with their block taken away and their identities enabled";
  return [
    ...added.map((id): Finding => ({ section, text: revoked, subject: code(id) })),
    ...removed.map((id): Finding => ({ section, text: back, subject: code(id) })),
  ];
};
