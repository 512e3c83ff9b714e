/** Names of the service's own members, which queries may write in any letter case (Azure documentation, "Queries for twins"). */
const NAMES = [
  "authenticationType",
  "capabilities",
  "cloudToDeviceMessageCount",
  "configurations",
  "connectionState",
  "createdDateTimeUtc",
  "deviceEtag",
  "deviceId",
  "deviceScope",
  "endTimeUtc",
  "etag",
  "error",
  "jobId",
  "jobType",
  "lastActivityTime",
  "lastUpdatedDateTimeUtc",
  "modelId",
  "moduleId",
  "outcome",
  "parentScopes",
  "properties",
  "startTimeUtc",
  "status",
  "statusReason",
  "statusUpdateTime",
  "tags",
  "version",
  "x509Thumbprint",
];

/** Members of members. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  capabilities: ["iotEdge"],
  properties: ["desired", "reported"],
  x509Thumbprint: ["primaryThumbprint", "secondaryThumbprint"],
};

const byLowerCase = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [name.toLowerCase(), name]));

const outer = new Map([
  ...byLowerCase(NAMES),
  // As the documentation's example of a query of jobs writes it.
  ["createdtimeutc", "createdDateTimeUtc"],
]);
const inner = new Map(Object.entries(INNER).map(([name, names]) => [name, byLowerCase(names)]));

/** Returns a path with the service's names in their own letter case; a user's names are case-sensitive. */
export function withSystemNames([first = "", second, ...rest]: readonly string[]): readonly string[] {
  const name = outer.get(first.toLowerCase()) ?? first;
  if (second === undefined) return [name];
  return [name, inner.get(name)?.get(second.toLowerCase()) ?? second, ...rest];
}
