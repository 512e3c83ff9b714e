import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import { isObject } from "../../../azure/wire/jsonObject";
import type { TwinPart } from "./twinStore";

/**
 * Maximum bytes of each section as JSON, and most levels of objects in it (Azure documentation, "Understand device twins"). Names,
 * levels and nulls in arrays were measured on Azure, too (mwalser/terraform-provider-iothub).
 */
const LIMITS: Readonly<Record<TwinPart, number>> = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };
const DEPTH_LIMIT = 10;

/** Bounds of integers, and the longest text in bytes (Azure documentation, "Understand device twins": tags and properties format). */
const [MINIMUM, MAXIMUM, TEXT_LIMIT] = [-4_503_599_627_370_496, 4_503_599_627_370_495, 4096];

function valueError(value: unknown, where: string, depth: number): string | undefined {
  if (typeof value === "string" && Buffer.byteLength(value) > TEXT_LIMIT)
    return `${where} has a text of more than 4 KB`;
  if (Number.isInteger(value) && ((value as number) < MINIMUM || (value as number) > MAXIMUM)) {
    return `${where} has an integer that is not from ${MINIMUM} to ${MAXIMUM}`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > DEPTH_LIMIT) return `${where} is deeper than ${DEPTH_LIMIT} levels`;
  for (const [name, member] of Object.entries(value)) {
    if (Array.isArray(value) && member === null) return `${where} has an array with null`;
    const error = (Array.isArray(value) ? undefined : nameError(name, where)) ?? valueError(member, where, depth + 1);
    if (error) return error;
  }
  return undefined;
}

function nameError(name: string, where: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Azure forbids just these
  return /[\u0000-\u001f\u007f-\u009f.$# ]/.test(name) || Buffer.byteLength(name) > 1024
    ? `${where} has a name that is too long, or has a blank, a control character, a dot, a # or a $`
    : undefined;
}

/** Returns why a section is invalid; undefined if it is valid. */
export function sectionError(part: TwinPart, section: unknown): string | undefined {
  if (!isObject(section)) return `${part} is no object`;
  const limit = LIMITS[part];
  if (Buffer.byteLength(JSON.stringify(section)) > limit) return `${part} is larger than ${limit / 1024} KB`;
  return valueError(section, part, 0);
}

/** Removes the service's own members, which clients send back. */
export function ownPart(section: unknown): unknown {
  if (!isObject(section)) return section;
  const { $metadata: _m, $version: _v, ...own } = section;
  return own;
}

/** Returns why the first invalid section of an initial twin is so; undefined if all are valid. */
export function initialTwinError({ tags, properties }: InitialTwin): string | undefined {
  const sections = { tags: ownPart(tags), desired: ownPart(properties?.desired) };
  return Object.entries(sections)
    .map(([part, section]) => (isObject(section) ? sectionError(part as TwinPart, section) : undefined))
    .find((error) => error !== undefined);
}
