import { hubError } from "./hubErrors";

/** Reads a count; one that is not from 1 to `limit` becomes `fallback`. Throws ArgumentInvalid for what is no number. */
export function readCount(
  text: unknown,
  name: string,
  { fallback, limit }: { readonly fallback: number; readonly limit: number },
): number {
  if (text === undefined || text === "") return fallback;
  if (!/^-?\d{1,9}$/.test(String(text))) throw hubError("ArgumentInvalid", `${name} is no number`);
  const count = Number(text);
  return count < 1 || count > limit ? fallback : count;
}
