/**
 * Finds changes of a preview that `up` does not make. A preview does not know the outputs of a resource that it updates, so
 * its dependents appear as changed too, often as replaced: a hub that changes its tier seems to replace every enrollment.
 * During `up` those outputs turn out to be the same. (Measured with the engine: of seven such steps `up` made none.)
 */
import type { Change } from "./change";
import { type Difference, isPending } from "./difference";

/** Inputs that come from an Azure resource's name, host name, key or ID scope: an in-place update does not change those. */
const FIXED: readonly RegExp[] = [
  /^(?:serviceEndpoint|globalEndpoint|idScope|provisioningServiceId|resourceGroupName|resourceName)$/,
  /^hubs(?:\[\d+\](?:\.hostName)?)?$/,
  /^properties\.iotHubs\[\d+\]\.connectionString$/,
];

/** Inputs that change with another input of the same resource: a key with its certificate. */
const FOLLOWS: Readonly<Record<string, string>> = Object.freeze({ signingKey: "certificate" });

const AUTHORITY = "pulumi-nodejs:dynamic/iot:CertificateAuthority";
const ROOT_OUTPUTS = ["rootCertificate", "rootThumbprint", "rootNotAfter", "rootKeyId"];

/** A CA that replaces only its intermediate keeps its root, so inputs that come from the root's outputs stay the same. */
function isOfKeptRoot({ before }: Difference, { token, differences, outputs }: Change): boolean {
  if (token !== AUTHORITY || differences.length === 0) return false;
  if (!differences.every(({ property }) => /^(?:intermediate(?:Name|LifetimeDays)|owner|softDeleted)$/.test(property)))
    return false;
  return typeof before === "string" && ROOT_OUTPUTS.some((output) => outputs[output] === before);
}

/** Whether the source of a pending input keeps that value. */
function keeps(difference: Difference, source: Change | undefined): boolean {
  if (source === undefined) return true;
  if (source.action !== "update") return false;
  // A vault's address is passed on unchanged, and may be a setting.
  if (difference.path === "vaultUri") return !source.differences.some(({ path }) => path === "vaultUri");
  return FIXED.some((pattern) => pattern.test(difference.path)) || isOfKeptRoot(difference, source);
}

/** The change without pending inputs that stay the same; undefined if nothing is left. */
function withoutKept(change: Change, byUrn: ReadonlyMap<string, Change>): Change | undefined {
  const { action, sources } = change;
  if (action !== "update" && action !== "replace") return change;
  const isKept = (each: Difference): boolean =>
    isPending(each) && (sources[each.property]?.every((urn) => keeps(each, byUrn.get(urn))) ?? false);
  const first = change.differences.filter((each) => !isKept(each));
  const differences = first.filter((each) => {
    const leader = FOLLOWS[each.property];
    if (leader === undefined || !isPending(each) || first.length === change.differences.length) return true;
    return first.some(({ property }) => property === leader);
  });
  if (differences.length === change.differences.length) return change;
  if (differences.length === 0) return undefined;
  const reasons = change.reasons.filter((reason) => differences.some(({ property }) => property === reason));
  const isUpdated = reasons.length === 0 && change.reasons.length > 0;
  return { ...change, differences, reasons, action: isUpdated ? "update" : action };
}

/** Changes that `up` makes, and apparent ones that only wait for values that stay the same. */
export interface Expected {
  readonly changes: readonly Change[];
  readonly waiting: readonly Change[];
}

/** Separates apparent changes, which wait for outputs that will not change. Pure; keeps the order. */
export function expected(changes: readonly Change[]): Expected {
  let rest = changes;
  for (;;) {
    const byUrn = new Map(rest.map((change) => [change.urn, change]));
    // A resolved change may resolve its dependents: repeat until nothing changes.
    const next = rest.flatMap((change) => withoutKept(change, byUrn) ?? []);
    if (next.length === rest.length && next.every((change, index) => change === rest[index])) break;
    rest = next;
  }
  const left = new Set(rest.map(({ urn }) => urn));
  return { changes: rest, waiting: changes.filter(({ urn }) => !left.has(urn)) };
}
