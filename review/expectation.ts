/**
 * What of a preview will come to nothing. A preview does not know the outputs of a resource that it updates, so that all
 * that depends on it shows as changed too, often as replaced: a hub that changes its tier seems to replace every enrollment.
 * During `up` those outputs turn out to be what they were. (Seen with the engine: of seven such steps `up` made none.)
 */
import type { Change } from "./change";
import { isPending } from "./difference";

/** Inputs that come from an Azure resource's name, its key or its ID scope: no update in place changes those. */
const FIXED: readonly RegExp[] = [
  /^(?:serviceEndpoint|globalEndpoint|idScope|provisioningServiceId|resourceGroupName|resourceName)$/,
  /^properties\.iotHubs\[\d+\]\.connectionString$/,
];

/** Changes as they will be, and those that only wait for values that stay the same. */
export interface Expected {
  readonly changes: readonly Change[];
  readonly waiting: readonly Change[];
}

/** Takes out what only waits for outputs that will not change. Pure; keeps the order. */
export function expected(changes: readonly Change[]): Expected {
  let rest = changes;
  for (;;) {
    const standing = new Map(rest.map((change) => [change.urn, change]));
    /** A source that does not change, or is updated in place where no update changes what is taken from it. */
    const isSame = (path: string, sources: readonly string[]): boolean =>
      sources.every((urn) => {
        const source = standing.get(urn);
        if (source === undefined) return true;
        if (source.action !== "update") return false;
        // A vault's address is handed on as it is, and may be a setting.
        if (path === "vaultUri") return !source.differences.some((each) => each.path === path);
        return FIXED.some((pattern) => pattern.test(path));
      });
    const next = rest.flatMap((change) => {
      const { action, sources } = change;
      if (action !== "update" && action !== "replace") return [change];
      const differences = change.differences.filter(
        (each) => !(isPending(each) && each.property in sources && isSame(each.path, sources[each.property] ?? [])),
      );
      if (differences.length === change.differences.length) return [change];
      const reasons = change.reasons.filter((reason) => differences.some(({ property }) => property === reason));
      // With nothing left of its own, a resource stays as it is.
      if (differences.length === 0) return [];
      return [
        {
          ...change,
          differences,
          reasons,
          action: reasons.length === 0 && change.reasons.length > 0 ? "update" : action,
        },
      ];
    });
    const isSettled = next.length === rest.length && next.every((change, index) => change === rest[index]);
    if (isSettled) {
      const left = new Set(rest.map(({ urn }) => urn));
      return { changes: rest, waiting: changes.filter(({ urn }) => !left.has(urn)) };
    }
    rest = next as readonly Change[];
  }
}
