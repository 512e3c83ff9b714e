/** Enrollments: which devices may register, and their initial twins. */
import type { Change } from "../change";
import type { Difference } from "../difference";
import { code, prose, shown } from "../displayValue";
import { type Bag, UNKNOWN } from "../previewDocument";
import {
  because,
  type ChangeReader,
  findingsOf,
  fromTo,
  loss,
  nowOf,
  type ReviewContext,
  type ReviewFinding,
  textOf,
} from "../reviewFinding";

const GROUP_TOKEN = "pulumi-nodejs:dynamic/iot:EnrollmentGroup";

interface Kind {
  readonly noun: string;
  readonly id: "enrollmentGroupId" | "registrationId";
  readonly effect: string;
}

const GROUP: Kind = {
  noun: "Enrollment group",
  id: "enrollmentGroupId",
  effect: "its devices can no longer register, unless another enrollment matches them; those in a hub stay there",
};

const INDIVIDUAL: Kind = {
  noun: "Individual enrollment",
  id: "registrationId",
  effect: "the device can no longer register, unless a group matches it; its identity in a hub stays",
};

/** What a changed input means to the devices, by the input. */
const CONSEQUENCES: Readonly<Record<string, string>> = Object.freeze({
  allocationPolicy: "it assigns a hub when a device registers the next time",
  iotHubs: "devices are distributed over these hubs when they register the next time",
  customAllocation: "the webhook is called when devices register the next time",
  reprovisionPolicy: "it applies when a device registers the next time",
  deviceId: "at its next registration the device gets an identity with the new ID, and the old identity is left behind",
  iotEdge: "identities are re-created as IoT Edge devices, or as plain ones",
  caReference: "devices under the new CA may register, those under the old one may not",
  secondaryCaReference: "devices under either CA may register",
  signingCertificate: "devices under the new CA may register, those under the old one may not",
  secondarySigningCertificate: "devices under either CA may register",
  certificate: "the device must present the new certificate",
  secondaryCertificate: "the device may present either certificate",
  symmetricKey: "devices must register with the new keys",
  vaultUri: "symmetric keys stay the same, and are stored elsewhere",
  storedName: "its keys stay the same, under other names in the vault",
  tpm: "another TPM is expected",
});

function status(difference: Difference, what: string): ReviewFinding {
  const isOff = difference.after === "disabled";
  const text = isOff
    ? `${what} is **disabled**: it assigns no device.`
    : `${what} is enabled: it assigns devices again.`;
  return { section: "refused", text };
}

function updated(differences: readonly Difference[], what: string): readonly ReviewFinding[] {
  const byProperty = new Map<string, Difference[]>();
  for (const each of differences) byProperty.set(each.property, [...(byProperty.get(each.property) ?? []), each]);
  return [...byProperty].flatMap(([property, all]): readonly ReviewFinding[] => {
    // The description of a certificate is long; the list of properties has it.
    const isLong = /certificate$/i.test(property);
    const values = isLong
      ? `${code(property)} changes`
      : all.map((each) => `${code(each.path)} ${fromTo(each)}`).join(", ");
    if (property === "provisioningStatus") return all.map((each) => status(each, what));
    if (property === "initialTwin") {
      const text = `${what} gives other twins to devices that register for the first time: ${values}. Existing twins stay the same.`;
      return [{ section: "twins", text }];
    }
    const consequence = CONSEQUENCES[property];
    return [
      { section: "enrollments", text: `${what}: ${values}${consequence === undefined ? "" : `; ${consequence}`}.` },
    ];
  });
}

/** CAs that an enrollment group is attested by. */
const authoritiesOf = (bag: Bag): readonly unknown[] =>
  ["caReference", "secondaryCaReference", "signingCertificate", "secondarySigningCertificate"]
    .map((input) => bag[input])
    .filter((value) => typeof value === "string" && value !== UNKNOWN);

/**
 * A CA belongs to one enrollment group, and Pulumi creates new resources before it deletes others. This applies to two groups
 * of different resource names in a custom program; a changed ID replaces a group, which deletes the old one first.
 */
function clash(change: Change, { changes }: ReviewContext): readonly ReviewFinding[] {
  const wanted = authoritiesOf(change.after);
  const old = changes.find(
    ({ action, token, before }) =>
      action === "delete" && token === change.token && authoritiesOf(before).some((one) => wanted.includes(one)),
  );
  if (old === undefined || change.token !== GROUP_TOKEN) return [];
  const [own, other] = [change, old].map((each) => code(nowOf(each, "enrollmentGroupId") ?? each.name));
  const text =
    `**\`up\` will fail at enrollment group ${own}**: its CA belongs to ${other}, which is deleted only afterwards (Azure's ` +
    "error 409201). Delete the old group in a separate `up` first.";
  return [{ section: "enrollments", text }];
}

const reader =
  (kind: Kind): ChangeReader =>
  (change, context) => {
    // A replacement is named by the old one, which is deleted.
    const id = change.action === "replace" ? textOf(change.before, kind.id) : nowOf(change, kind.id);
    const what = `${kind.noun} ${code(id ?? change.name)}`;
    const { adopt, initialTwin, provisioningStatus } = change.after;
    if (change.action === "update") return updated(change.differences, what);
    if (change.action === "delete" || change.action === "replace") {
      return loss(change, {
        deleted: `${what} is **deleted**: ${kind.effect}.`,
        replaced: `${what} is **replaced**${because(change)}: the old one is deleted first, and until the new one exists ${kind.effect}.`,
      });
    }
    const taken =
      adopt === undefined || adopt === false ? "is new" : "is **adopted**: this stack manages it from then on";
    const off = provisioningStatus === "disabled" ? ", disabled" : "";
    const created: ReviewFinding = { section: "enrollments", text: `${what} ${taken}${off}.` };
    if (initialTwin === undefined) return [created, ...clash(change, context)];
    const text = `${what} gives devices that register for the first time the twin ${code(shown("initialTwin", initialTwin))}.`;
    return [created, ...clash(change, context), { section: "twins", text }];
  };

/** In a list of enrollments each is an input of its own. */
const ENTRY = "device:";

const entriesOf = (bag: Bag): readonly string[] =>
  Object.keys(bag).flatMap((key) => (key.startsWith(ENTRY) ? [key.slice(ENTRY.length)] : []));

/** A list's settings of the vault for the keys of its enrollments. */
const STORE = ["vaultUri", "softDeleted"];

/** Keys of a list that the last refresh found in an unexpected state in the vault. */
function unsettledKeys({ outputs }: Change): readonly ReviewFinding[] {
  const all = outputs.storedKeys;
  if (typeof all !== "object" || all === null) return [];
  return Object.entries(all).flatMap(([id, references]) =>
    Object.entries(references as Bag)
      .filter(([name, state]) => name.endsWith("State") && typeof state === "string")
      .map(([name, state]): ReviewFinding => {
        const what = code(name.slice(0, -"State".length));
        const text = `Individual enrollments with a ${what} that is in the vault ${prose(String(state))}`;
        return { section: "enrollments", text, subject: code(id) };
      }),
  );
}

/** Of a list of individual enrollments: findings that apply to many are merged. */
export const enrollmentList: ChangeReader = (change) => {
  const [before, after] = [entriesOf(change.before), entriesOf(change.after)];
  const gone = `Individual enrollments **deleted**, so that ${INDIVIDUAL.effect}`;
  if (change.action === "delete") return findingsOf("destructive", gone, before);
  if (change.action === "replace") {
    const text = `Individual enrollments **replaced**${because(change)}, so that until the new ones exist ${INDIVIDUAL.effect}`;
    return findingsOf("destructive", text, before);
  }
  const [old, now] = [new Set(before), new Set(after)];
  const inside = new Map<string, Difference[]>();
  for (const each of change.differences) {
    const id = each.property.slice(ENTRY.length);
    if (!each.property.startsWith(ENTRY) || !old.has(id) || !now.has(id)) continue;
    // The path within the entry, after `["device:ID"].`.
    const path = each.path.slice(JSON.stringify(each.property).length + 3);
    inside.set(id, [...(inside.get(id) ?? []), { ...each, path, property: path.split(/[.[]/)[0] ?? path }]);
  }
  return [
    ...findingsOf("destructive", gone, change.action === "update" ? before.filter((id) => !now.has(id)) : []),
    ...findingsOf(
      "enrollments",
      "Individual enrollments that are new",
      after.filter((id) => !old.has(id)),
    ),
    ...[...inside].flatMap(([id, differences]) => updated(differences, code(id))),
    ...updated(
      change.differences.filter(({ property }) => change.action === "update" && STORE.includes(property)),
      `Individual enrollments of the list ${code(change.name)}`,
    ),
    ...(change.action === "update" ? unsettledKeys(change) : []),
  ];
};

/** Of an enrollment group. */
export const enrollmentGroup = reader(GROUP);

/** Of an individual enrollment. */
export const individualEnrollment = reader(INDIVIDUAL);
