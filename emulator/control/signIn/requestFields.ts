import { badRequest } from "../controlErrors";

export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Throws 400 for a property that is not among the known ones. */
export function refuseUnknown(requested: object, known: readonly string[]): void {
  const unknown = Object.keys(requested).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`There is no '${unknown}'. Known: ${known.join(", ")}.`);
}
