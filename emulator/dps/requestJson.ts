/** A JSON object of a request. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Absent in the sense of Azure's clients: many send null for what they do not set. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A value as it is shown in a message: short. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
