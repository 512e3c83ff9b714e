import type { Services } from "../kernel/services";

/** A new ETag as Microsoft.Devices writes them: eight octets, the first three zero, as base64. */
export const newEtag = ({ ids }: Pick<Services, "ids">): string =>
  Buffer.from(`000000${ids.hex(5)}`, "hex").toString("base64");
