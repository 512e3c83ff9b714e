import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { devicesError } from "../armErrors";

/** Reads `sku` of a request: one of the names, at least one unit. `tiers` maps a SKU's name to its tier. */
export function readSku(
  sku: unknown,
  tiers: Readonly<Record<string, string>>,
  shared: Pick<SharedDependencies, "clock" | "ids">,
): JsonObject {
  const { name, capacity = 1 } = isObject(sku) ? sku : {};
  const tier = typeof name === "string" ? tiers[name.toUpperCase()] : undefined;
  if (typeof name !== "string" || tier === undefined) {
    const message = `'sku.name' must be one of ${Object.keys(tiers).join(", ")}.`;
    throw devicesError("invalidArgument", message, shared);
  }
  if (typeof capacity !== "number" || !Number.isInteger(capacity) || capacity < 1 || capacity > 200) {
    throw devicesError("invalidArgument", "'sku.capacity' must be a whole number from 1 to 200.", shared);
  }
  return { name: name.toUpperCase(), tier, capacity };
}
