import type { SharedDependencies } from "../../kernel/sharedDependencies";

/** A new ETag as Microsoft.Storage writes them, without quotation marks: fifteen hexadecimal digits. */
export const storageEtag = ({ ids }: Pick<SharedDependencies, "ids">): string => `8d${ids.hex(7)}`.slice(0, 15);
