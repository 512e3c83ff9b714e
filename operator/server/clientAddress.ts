/** An address as failures and limits count it: an IPv6 host has a whole /64. */
export function sourceOf(address: string | undefined): string {
  const plain = (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0");
  return `${[...first, ...middle, ...last].slice(0, 4).join(":")}::/64`;
}
