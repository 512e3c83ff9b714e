import type { SharedDependencies } from "../kernel/sharedDependencies";

/** A new ETag as Microsoft.Devices writes them: eight bytes, the first three zero, as base64. */
export const newEtag = ({ ids }: Pick<SharedDependencies, "ids">): string =>
  Buffer.from(`000000${ids.hex(5)}`, "hex").toString("base64");
