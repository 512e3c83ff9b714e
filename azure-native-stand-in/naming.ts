import { createHash, randomBytes } from "node:crypto";

/** What the engine says about automatic names (`pulumi:autonaming` configuration). */
export interface Autonaming {
  readonly proposedName: string;
  readonly mode: "propose" | "enforce" | "disable";
}

/** The name of a resource for which a program gives none. */
export interface NameRequest {
  /** The logical name, the last part of the URN. */
  readonly logicalName: string;
  readonly style: "random" | "copy" | "guid";
  /** The name that the last run chose; it stays. */
  readonly former?: string | undefined;
  /** The engine's seed: the same seed, the same name. Random when empty. */
  readonly seed: Uint8Array;
  readonly autonaming?: Autonaming | undefined;
}

/**
 * Chooses a name: the former one, the engine's proposal, or the logical name with eight hex digits (children: the plain name;
 * role assignments: a GUID).
 * Undefined when the engine has turned automatic names off.
 */
export function autoName(request: NameRequest): string | undefined {
  const { autonaming, former, logicalName, seed, style } = request;
  if (former !== undefined) return former;
  if (autonaming?.mode === "disable") return undefined;
  if (autonaming?.mode === "enforce") return autonaming.proposedName;
  if (style === "copy") return logicalName;
  if (style === "guid") return guid(seed);
  if (autonaming) return autonaming.proposedName;
  const digits =
    seed.length > 0 ? createHash("sha256").update(seed).digest("hex").slice(0, 8) : randomBytes(4).toString("hex");
  return `${logicalName}${digits}`;
}

/** A GUID (version 4 by its marks): the same for the same seed. */
function guid(seed: Uint8Array): string {
  const hex = seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** The token of a URN: the last of the types between the second and the third `::`. */
export const urnToken = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** The logical name of a URN. */
export const urnName = (urn: string): string => urn.split("::").slice(3).join("::");
