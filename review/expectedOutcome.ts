/**
 * What of a preview will come to nothing. A preview does not know the outputs of a resource that it updates, so that all
 * that depends on it shows as changed too, often as replaced: a hub that changes its tier seems to replace every enrollment.
 * During `up` those outputs turn out to be what they were. (Seen with the engine: of seven such steps `up` made none.)
 */
import type { Change } from "./change";
import { type Difference, isPending } from "./difference";

/** Inputs that come from an Azure resource's name, its host name, its key or its ID scope: no update in place changes those. */
const FIXED: readonly RegExp[] = [
  /^(?:serviceEndpoint|globalEndpoint|idScope|provisioningServiceId|resourceGroupName|resourceName)$/,
  /^hubs(?:\[\d+\])?$/,
  /^properties\.iotHubs\[\d+\]\.connectionString$/,
];

/** Inputs that follow from another one of the same resource: a key from its certificate. */
const FOLLOWS: Readonly<Record<string, string>> = Object.freeze({ signingKey: "certificate" });

const AUTHORITY = "pulumi-nodejs:dynamic/iot:CertificateAuthority";
const ROOT_OUTPUTS = ["rootCertificate", "rootThumbprint", "rootNotAfter", "rootKeyId"];

/** A CA of which the intermediate alone is made anew keeps its root, and so do those who took the root's outputs. */
function isOfKeptRoot({ before }: Difference, { token, differences, outputs }: Change): boolean {
  if (token !== AUTHORITY || differences.length === 0) return false;
  if (!differences.every(({ property }) => /^(?:intermediate(?:Name|LifetimeDays)|owner|softDeleted)$/.test(property)))
    return false;
  return typeof before === "string" && ROOT_OUTPUTS.some((output) => outputs[output] === before);
}

/** Whether what a pending input is taken from stays as it is: the source does not change, or not in this. */
function keeps(difference: Difference, source: Change | undefined): boolean {
  if (source === undefined) return true;
  if (source.action !== "update") return false;
  // A vault's address is handed on as it is, and may be a setting.
  if (difference.path === "vaultUri") return !source.differences.some(({ path }) => path === "vaultUri");
  return FIXED.some((pattern) => pattern.test(difference.path)) || isOfKeptRoot(difference, source);
}

/** The change without the pending inputs that stay as they are; undefined when nothing is left of it. */
function lessened(change: Change, standing: ReadonlyMap<string, Change>): Change | undefined {
  const { action, sources } = change;
  if (action !== "update" && action !== "replace") return change;
  const isKept = (each: Difference): boolean =>
    isPending(each) && (sources[each.property]?.every((urn) => keeps(each, standing.get(urn))) ?? false);
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
    // What is left of one change may settle the next one, so it is gone through until nothing moves.
    const next = rest.flatMap((change) => lessened(change, standing) ?? []);
    if (next.length === rest.length && next.every((change, index) => change === rest[index])) break;
    rest = next;
  }
  const left = new Set(rest.map(({ urn }) => urn));
  return { changes: rest, waiting: changes.filter(({ urn }) => !left.has(urn)) };
}
