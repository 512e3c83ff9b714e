import type { HubFail } from "../hubErrors";

/** Most identities in one list, as in Azure. */
export const LIST_LIMIT = 1000;

/** Reads a count from 1 to 1,000; larger ones become 1,000. Throws ArgumentInvalid. */
export function readCount(text: unknown, name: string, fallback: number, fail: HubFail): number {
  if (text === undefined || text === "") return fallback;
  if (typeof text !== "string" || !/^\d{1,6}$/.test(text) || Number(text) < 1) {
    throw fail("ArgumentInvalid", `${name} is no number from 1`);
  }
  return Math.min(LIST_LIMIT, Number(text));
}
