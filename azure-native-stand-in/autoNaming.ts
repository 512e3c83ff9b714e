import { createHash, randomBytes } from "node:crypto";
import type { Autonaming } from "../plugin-protocol/resourceProvider";

/** A resource whose program gives no name. */
export interface NameRequest {
  /** The logical name, the last part of the URN. */
  readonly logicalName: string;
  /** Undefined: the logical name itself. */
  readonly style?: "random" | "guid";
  /** The engine's seed: the same seed, the same name. Random when empty. */
  readonly seed: Uint8Array;
  readonly autonaming?: Autonaming;
}

/** A chosen name. */
export interface AutoName {
  readonly name: string;
  /** Whether another choice would be another name, so that a replacement can be created before the old one is deleted. */
  readonly isRandom: boolean;
}

/**
 * Chooses a name: the engine's proposal, or the logical name with eight hex digits (children: the plain name; role
 * assignments: a GUID). Undefined when the engine has turned automatic names off.
 */
export function autoName({ autonaming, logicalName, seed, style }: NameRequest): AutoName | undefined {
  if (autonaming?.mode === "disable") return undefined;
  if (autonaming?.mode === "enforce") return { name: autonaming.proposedName, isRandom: false };
  if (style === "guid") return { name: guid(seed), isRandom: true };
  if (autonaming) return { name: autonaming.proposedName, isRandom: style === "random" };
  if (style === undefined) return { name: logicalName, isRandom: false };
  const digits =
    seed.length > 0 ? createHash("sha256").update(seed).digest("hex").slice(0, 8) : randomBytes(4).toString("hex");
  return { name: `${logicalName}${digits}`, isRandom: true };
}

/** A GUID (marked as version 4): the same for the same seed. */
function guid(seed: Uint8Array): string {
  const hex = seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
