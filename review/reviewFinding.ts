/** What a change means, in a reviewer's words. */
import type { Change } from "./change";
import { type Difference, lastKey } from "./difference";
import { code, shown } from "./displayValue";
import { type Bag, UNKNOWN } from "./previewDocument";

/** The parts of a report's meaning, in the order in which they stand. */
export const SECTIONS = Object.freeze({
  devices: "Devices that register",
  refused: "Devices that are refused or let in again",
  authorities: "Certificate authorities",
  unverified: "Unverified meanwhile",
  enrollments: "Enrollments",
  twins: "Twins and tags",
  expiry: "What expires",
  cost: "What costs",
  other: "Everything else",
} as const);

/** One of {@link SECTIONS}. */
export type Section = keyof typeof SECTIONS;

/** What a change means. */
export interface ReviewFinding {
  readonly section: Section | "destructive";
  /** One sentence or two of Markdown, on one line; with a subject, what holds for it: "Register again". */
  readonly text: string;
  /** Whom it holds for, Markdown. Findings of one text are told together. */
  readonly subject?: string;
}

/** What the readers of changes look at beside their own change. */
export interface ReviewContext {
  readonly changes: readonly Change[];
  /** The stack's outputs as they stand. */
  readonly outputs: Bag;
}

/** A reader of the changes of one kind of resource. */
export type ChangeReader = (change: Change, context: ReviewContext) => readonly ReviewFinding[];

/** What the tokens of the toolkit's own resources begin with. */
const OWN_TYPES = "pulumi-nodejs:dynamic/iot:";

/** The text in a bag; undefined for anything else, and for what is not known yet. An ID may well be a GUID. */
export function textOf(bag: Bag, property: string): string | undefined {
  const value = bag[property];
  return typeof value === "string" && value !== "" && value !== UNKNOWN ? value : undefined;
}

/** The value as it will be, or as it was for what is deleted or not known yet. */
export const nowOf = (change: Change, property: string): string | undefined =>
  textOf(change.after, property) ?? textOf(change.before, property);

/** The difference of an input or below it. */
export const differenceOf = (change: Change, property: string): Difference | undefined =>
  change.differences.find((each) => each.property === property);

/**
 * What the last look at a key or certificate in a vault found, where it is not as it should be: `intermediateKey` is
 * `rotated: …`. These outputs end in `State`, and tell after a colon what the next update does.
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

/** Why something is replaced, in brackets; empty where it goes with what it depends on. */
export function because({ reasons, differences }: Change): string {
  const own = reasons.flatMap((reason) => {
    const difference = differences.find(({ property }) => property === reason);
    return difference ? [`${code(difference.path)} ${fromTo(difference)}`] : [code(reason)];
  });
  return own.length === 0 ? "" : ` (${own.join(", ")})`;
}

/** What the stack's outputs tell of its devices. */
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
