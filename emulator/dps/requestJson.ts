/** A JSON object of a request. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Many of Azure's clients send null for what is not set. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Returns a value for a message, shortened. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
