import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import { hubError } from "../hubErrors";
import { ownPart, sectionError } from "./twinRules";
import type { Twin, TwinPart, TwinSection } from "./twinStore";

/** Sections of a twin that the service writes; reported properties are the device's own. */
export type ServiceSections = Readonly<Partial<Record<"tags" | "desired", TwinSection>>>;

/** Returns the tags and desired properties of a body; a missing one is absent. Throws ArgumentInvalid. */
export function readSections({ tags, properties }: InitialTwin): ServiceSections {
  const given = { tags: ownPart(tags), desired: ownPart(properties?.desired) };
  const sections = Object.entries(given).filter(([, section]) => section !== undefined && section !== null);
  for (const [part, section] of sections) {
    const error = sectionError(part as TwinPart, section);
    if (error) throw hubError("ArgumentInvalid", error);
  }
  return Object.fromEntries(sections);
}

/**
 * Returns the sections of a merge patch: one that is null removes all members (azure-iot-sdk-node,
 * `e2etests/test/twin_e2e_tests.js`: "can null out all desired properties").
 */
export function readPatch(body: InitialTwin, twin: Twin): ServiceSections {
  const nulls = (section: TwinSection): TwinSection =>
    Object.fromEntries(Object.keys(section).map((name) => [name, null]));
  const { tags, properties } = body as { tags?: unknown; properties?: { desired?: unknown } | null };
  return {
    ...readSections(body),
    ...(tags === null && { tags: nulls(twin.tags) }),
    ...(properties?.desired === null && { desired: nulls(twin.desired) }),
  };
}

/** Throws ArgumentInvalid for a changed twin beyond its limits. */
export function checkTwin(twin: Twin | undefined): void {
  for (const part of ["tags", "desired"] as const) {
    const error = sectionError(part, twin?.[part]);
    if (error) throw hubError("ArgumentInvalid", error);
  }
}
