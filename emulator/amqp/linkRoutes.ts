import type { IncomingLink, OutgoingLink } from "./amqpLinks";

/** Path parameters of an address, as sent. */
export type AddressParams = Readonly<Record<string, string>>;

/**
 * A node to which clients attach links: devices, services and Event Hubs clients each have their own. The address is a
 * pattern: `/messages/devicebound`, `/devices/:deviceId/messages/events`. A parameter is one segment, percent-decoded.
 * `attach` runs when a client attaches a link; it throws AmqpError (or a WireError) to refuse it.
 */
export type LinkRoute =
  /** The client sends, for example telemetry: the link's target has this address. */
  | { readonly from: "client"; readonly address: string; attach(link: IncomingLink, params: AddressParams): void }
  /** The client receives, for example events: the link's source has this address. */
  | { readonly from: "service"; readonly address: string; attach(link: OutgoingLink, params: AddressParams): void };

/** Returns the segments of an address: without scheme and host, as in `amqps://HOST:5671/messages/events`. */
function segmentsOf(address: string): readonly string[] {
  return address
    .replace(/^amqps?:\/\/[^/]*/i, "")
    .split("/")
    .filter((segment) => segment !== "");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Returns the parameters of an address that matches a pattern, letter case aside; undefined otherwise. */
export function matchAddress(pattern: string, address: string): AddressParams | undefined {
  const [expected, given] = [segmentsOf(pattern), segmentsOf(address)];
  if (expected.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":")) params[segment.slice(1)] = decoded(value);
    else if (segment.toLowerCase() !== decoded(value).toLowerCase()) return undefined;
  }
  return params;
}

/** Returns the first route of a direction that matches an address. */
export function routeOf<From extends LinkRoute["from"]>(
  routes: readonly LinkRoute[],
  from: From,
  address: string,
): { readonly route: Extract<LinkRoute, { from: From }>; readonly params: AddressParams } | undefined {
  for (const route of routes) {
    const params = route.from === from ? matchAddress(route.address, address) : undefined;
    if (params) return { route: route as Extract<LinkRoute, { from: From }>, params };
  }
  return undefined;
}
