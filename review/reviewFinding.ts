/** What a change means to a reviewer. */
import type { Change } from "./change";
import { type Difference, lastKey } from "./difference";
import { code, shown } from "./displayValue";
import { type Bag, UNKNOWN } from "./previewDocument";

/** The sections of a report, in their order. */
export const SECTIONS = Object.freeze({
  devices: "Devices that register",
  refused: "Devices that are refused or accepted again",
  authorities: "Certificate authorities",
  unverified: "Temporarily unverified",
  enrollments: "Enrollments",
  twins: "Twins and tags",
  expiry: "Expiry",
  cost: "Costs",
  other: "Everything else",
} as const);

/** One of {@link SECTIONS}. */
export type Section = keyof typeof SECTIONS;

/** What a change means. */
export interface ReviewFinding {
  readonly section: Section | "destructive";
  /** One or two sentences of Markdown, on one line; with a subject, a predicate for it: "Register again". */
  readonly text: string;
  /** What the text applies to, Markdown. Findings with the same text are merged. */
  readonly subject?: string;
}

/** What a reader sees beside its own change. */
export interface ReviewContext {
  readonly changes: readonly Change[];
  /** The stack's current outputs. */
  readonly outputs: Bag;
}

/** Explains the changes of one resource type. */
export type ChangeReader = (change: Change, context: ReviewContext) => readonly ReviewFinding[];

/** Prefix of the toolkit's own resource types. */
const OWN_TYPES = "pulumi-nodejs:dynamic/iot:";

/** The text in a bag; undefined for anything else and for unknown values. */
export function textOf(bag: Bag, property: string): string | undefined {
  const value = bag[property];
  return typeof value === "string" && value !== "" && value !== UNKNOWN ? value : undefined;
}

/** The new value, or the old one of a deleted resource or unknown value. */
export const nowOf = (change: Change, property: string): string | undefined =>
  textOf(change.after, property) ?? textOf(change.before, property);

/** The difference of an input or below it. */
export const differenceOf = (change: Change, property: string): Difference | undefined =>
  change.differences.find((each) => each.property === property);

/**
 * Keys and certificates in a vault that the last refresh found in an unexpected state: `intermediateKey` is `rotated: …`.
 * These outputs end in `State`; the text after the colon says what the next update does.
 */
export function unsettled({ token, outputs }: Change): readonly { readonly what: string; readonly state: string }[] {
  if (!token.startsWith(OWN_TYPES)) return [];
  const names = Object.keys(outputs).filter((name) => name.endsWith("State"));
  return names.sort().flatMap((name) => {
    const state = textOf(outputs, name);
    return state === undefined || state === "enabled" ? [] : [{ what: name.slice(0, -"State".length), state }];
  });
}

/** `"S1" -> "S2"`, as code. */
export const fromTo = ({ path, before, after }: Difference): string => {
  const name = lastKey(path);
  return `${code(shown(name, before))} → ${code(shown(name, after))}`;
};

/** Why something is replaced, in brackets; empty if it is replaced because of a dependency. */
export function because({ reasons, differences }: Change): string {
  const own = reasons.flatMap((reason) => {
    const difference = differences.find(({ property }) => property === reason);
    return difference ? [`${code(difference.path)} ${fromTo(difference)}`] : [code(reason)];
  });
  return own.length === 0 ? "" : ` (${own.join(", ")})`;
}

/** The destructive finding of a deleted or a replaced resource; none for other changes. */
export function loss(
  change: Change,
  texts: { readonly deleted: string; readonly replaced: string },
): readonly ReviewFinding[] {
  if (change.action !== "delete" && change.action !== "replace") return [];
  return [{ section: "destructive", text: change.action === "delete" ? texts.deleted : texts.replaced }];
}

/** One finding for each subject; the report merges them. */
export const findingsOf = (
  section: ReviewFinding["section"],
  text: string,
  names: readonly string[],
): readonly ReviewFinding[] => names.map((name) => ({ section, text, subject: code(name) }));

/** The devices in the stack's outputs. */
export function devicesOf({
  outputs,
}: ReviewContext): readonly { registrationId: string; deviceId: string; assignedHub: string }[] {
  const devices = Array.isArray(outputs.devices) ? (outputs.devices as readonly Bag[]) : [];
  return devices.map((device) => ({
    registrationId: String(device.registrationId ?? ""),
    deviceId: String(device.deviceId ?? ""),
    assignedHub: String(device.assignedHub ?? ""),
  }));
}

/** "1 device", "3 devices". */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
