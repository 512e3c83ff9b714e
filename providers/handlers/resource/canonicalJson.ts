/** Comparison of JSON values by what they say: gRPC keeps no key order. */

/** The value as text that is the same for equal values: keys sorted, members that are undefined left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

/** Whether two JSON values say the same; null and undefined do. */
export function isSame(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}
