import type { Ids } from "../../kernel/ids";

/** Returns the generation ID of a new identity: 18 digits, different for each identity of a name. */
export const newGenerationId = (ids: Ids): string =>
  BigInt(`0x${ids.hex(7)}`)
    .toString()
    .padStart(18, "6");

/** Returns a new ETag of an identity: base64. */
export const newIdentityEtag = (ids: Ids): string => Buffer.from(ids.hex(6)).toString("base64");
