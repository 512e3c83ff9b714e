/** Enrollments: who may register, and what they begin with. */
import type { Change } from "../change";
import type { Difference } from "../difference";
import { code, prose, shown } from "../displayValue";
import { type Bag, UNKNOWN } from "../previewDocument";
import { because, type ChangeReader, fromTo, nowOf, type ReviewContext, type ReviewFinding } from "../reviewFinding";

const GROUP_TOKEN = "pulumi-nodejs:dynamic/iot:EnrollmentGroup";

interface Kind {
  readonly noun: string;
  readonly id: "enrollmentGroupId" | "registrationId";
  readonly whom: string;
}

const GROUP: Kind = {
  noun: "Enrollment group",
  id: "enrollmentGroupId",
  whom: "devices that come in by it can register no more, unless another enrollment takes them; those in a hub stay there",
};

const INDIVIDUAL: Kind = {
  noun: "Individual enrollment",
  id: "registrationId",
  whom: "the device can register no more, unless a group takes it; its identity in a hub stays",
};

/** What a changed input means to the devices, by the input. */
const CONSEQUENCES: Readonly<Record<string, string>> = Object.freeze({
  allocationPolicy: "devices are given a hub by it when they register the next time",
  iotHubs: "devices are spread over these hubs when they register the next time",
  customAllocation: "the webhook is asked when devices register the next time",
  reprovisionPolicy: "it counts when a device registers the next time",
  deviceId: "at its next registration the device gets an identity of the new ID, and the old one is left",
  iotEdge: "identities are made anew as (or no more as) IoT Edge devices",
  caReference: "devices under the new CA may register, those under the old one may not",
  secondaryCaReference: "devices under either CA may register",
  signingCertificate: "devices under the new CA may register, those under the old one may not",
  secondarySigningCertificate: "devices under either CA may register",
  certificate: "the device must show the new certificate",
  secondaryCertificate: "the device may show either certificate",
  symmetricKey: "devices must register with the new keys",
  vaultUri: "symmetric keys stay as they are, and are kept elsewhere",
  storedName: "its keys stay as they are, under other names in the vault",
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
    // A certificate's long words stand among the properties below.
    const isLong = /certificate$/i.test(property);
    const told = isLong
      ? `${code(property)} changes`
      : all.map((each) => `${code(each.path)} ${fromTo(each)}`).join(", ");
    if (property === "provisioningStatus") return all.map((each) => status(each, what));
    if (property === "initialTwin") {
      const text = `${what} gives other twins to devices that register for the first time: ${told}. Twins that exist stay as they are.`;
      return [{ section: "twins", text }];
    }
    const consequence = CONSEQUENCES[property];
    return [
      { section: "enrollments", text: `${what}: ${told}${consequence === undefined ? "" : `; ${consequence}`}.` },
    ];
  });
}

/** CAs that an enrollment group is attested by. */
const authoritiesOf = (bag: Bag): readonly unknown[] =>
  ["caReference", "secondaryCaReference", "signingCertificate", "secondarySigningCertificate"]
    .map((input) => bag[input])
    .filter((value) => typeof value === "string" && value !== UNKNOWN);

/**
 * A CA belongs to one enrollment group, and Pulumi makes a new resource before it deletes another one. A group that gets
 * another ID is replaced, and the old one goes first; these are two: a resource of another name in a program of one's own.
 */
function clash(change: Change, { changes }: ReviewContext): readonly ReviewFinding[] {
  const wanted = authoritiesOf(change.after);
  const old = changes.find(
    ({ action, token, before }) =>
      action === "delete" && token === change.token && authoritiesOf(before).some((one) => wanted.includes(one)),
  );
  if (old === undefined || change.token !== GROUP_TOKEN) return [];
  const ids = [nowOf(change, "enrollmentGroupId") ?? change.name, nowOf(old, "enrollmentGroupId") ?? old.name].map(
    code,
  );
  const text =
    `\`up\` will stop at enrollment group ${ids[0]}: its CA belongs to ${ids[1]}, which is deleted only after it (Azure's error ` +
    "409201). Delete the old group in an `up` of its own before.";
  return [{ section: "enrollments", text: `**${text.slice(0, text.indexOf(":"))}**${text.slice(text.indexOf(":"))}` }];
}

const reader =
  (kind: Kind): ChangeReader =>
  (change, context) => {
    // One that is replaced is spoken of as the old one, which goes.
    const spoken = change.action === "replace" ? { ...change, after: {} } : change;
    const what = `${kind.noun} ${code(nowOf(spoken, kind.id) ?? change.name)}`;
    const isDisabled = change.after.provisioningStatus === "disabled";
    switch (change.action) {
      case "delete":
        return [{ section: "destructive", text: `${what} is **deleted**: ${kind.whom}.` }];
      case "replace": {
        const text = `${what} is **replaced**${because(change)}: the old one is deleted, and meanwhile ${kind.whom}.`;
        return [{ section: "destructive", text }];
      }
      case "update":
        return updated(change.differences, what);
      default: {
        const adopt = change.after.adopt;
        const taken =
          adopt === undefined || adopt === false
            ? "is new"
            : "is **taken over** as it stands, and says what this stack says from then on";
        const off = isDisabled ? ", disabled" : "";
        const twin = change.after.initialTwin;
        const found: ReviewFinding[] = [
          { section: "enrollments", text: `${what} ${taken}${off}.` },
          ...clash(change, context),
        ];
        if (twin !== undefined) {
          found.push({
            section: "twins",
            text: `${what} gives devices that register for the first time the twin ${code(shown("initialTwin", twin))}.`,
          });
        }
        return found;
      }
    }
  };

/** In a list of enrollments each is an input of its own. */
const ENTRY = "device:";

const entriesOf = (bag: Bag): readonly string[] =>
  Object.keys(bag).flatMap((key) => (key.startsWith(ENTRY) ? [key.slice(ENTRY.length)] : []));

/** What a list says of the vault for the keys of all that leave them to others. */
const STORE = ["vaultUri", "softDeleted"];

/** What the last look at the keys of a list in a vault found, where they are not as they should be. */
function unsettledKeys({ outputs }: Change): readonly ReviewFinding[] {
  const all = outputs.storedKeys;
  if (typeof all !== "object" || all === null) return [];
  return Object.entries(all).flatMap(([id, references]) =>
    Object.entries(references as Bag)
      .filter(([name, state]) => name.endsWith("State") && typeof state === "string")
      .map(([name, state]): ReviewFinding => {
        const what = code(name.slice(0, -"State".length));
        const text = `Individual enrollments whose ${what} in the vault is ${prose(String(state))}`;
        return { section: "enrollments", text, subject: code(id) };
      }),
  );
}

/** Of a list of individual enrollments: what holds for many is told once. */
export const enrollmentList: ChangeReader = (change) => {
  const [before, after] = [entriesOf(change.before), entriesOf(change.after)];
  const told = (section: ReviewFinding["section"], text: string, ids: readonly string[]): readonly ReviewFinding[] =>
    ids.map((id) => ({ section, text, subject: code(id) }));
  const gone = `Individual enrollments **deleted**, so that ${INDIVIDUAL.whom}`;
  if (change.action === "delete") return told("destructive", gone, before);
  if (change.action === "replace") {
    const text = `Individual enrollments **made anew**${because(change)}, so that meanwhile ${INDIVIDUAL.whom}`;
    return told("destructive", text, before);
  }
  const [old, now] = [new Set(before), new Set(after)];
  const inside = new Map<string, Difference[]>();
  for (const each of change.differences) {
    const id = each.property.slice(ENTRY.length);
    if (!each.property.startsWith(ENTRY) || !old.has(id) || !now.has(id)) continue;
    // The path within the entry: what stands after `["device:ID"].`.
    const path = each.path.slice(JSON.stringify(each.property).length + 3);
    inside.set(id, [...(inside.get(id) ?? []), { ...each, path, property: path.split(/[.[]/)[0] ?? path }]);
  }
  return [
    ...told("destructive", gone, change.action === "update" ? before.filter((id) => !now.has(id)) : []),
    ...told(
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
