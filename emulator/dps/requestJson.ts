/** Many of Azure's clients send null for what is not set. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Returns a value for a message, shortened. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
