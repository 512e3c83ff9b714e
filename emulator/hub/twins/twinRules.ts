import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { TwinPart } from "./twinStore";

/** Maximum bytes of each section as JSON, and maximum depth (Azure documentation, "Understand device twins"). */
const LIMITS: Readonly<Record<TwinPart, number>> = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };
const DEPTH_LIMIT = 10;

function nameError(section: JsonObject, where: string, depth: number): string | undefined {
  if (depth > DEPTH_LIMIT) return `${where} is deeper than ${DEPTH_LIMIT} levels`;
  for (const [name, value] of Object.entries(section)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Azure forbids just these
    if (/[\u0000-\u001f\u007f-\u009f.$\s]/.test(name) || name === "" || Buffer.byteLength(name) > 1024) {
      return `${where} has a name that is empty, too long, or has a blank, a control character, a dot or a $`;
    }
    const error = isObject(value) ? nameError(value, where, depth + 1) : undefined;
    if (error) return error;
  }
  return undefined;
}

/** Returns why a section is invalid; undefined if it is valid. */
export function sectionError(part: TwinPart, section: unknown): string | undefined {
  if (!isObject(section)) return `${part} is no object`;
  const limit = LIMITS[part];
  if (Buffer.byteLength(JSON.stringify(section)) > limit) return `${part} is larger than ${limit / 1024} KB`;
  return nameError(section, part, 1);
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
