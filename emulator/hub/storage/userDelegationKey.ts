import type { UserDelegationKey } from "../../../azure/blobSas";
import type { BlobResponse, SendBlobRequest } from "../../kernel/blobRequests";

/** Most bytes of a response. */
const RESPONSE_LIMIT = 16 * 1024;

/** How long before now a key starts: clocks of services differ. */
const SKEW_MS = 5 * 60_000;

const time = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

async function textOf({ body, end }: BlobResponse): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > RESPONSE_LIMIT) break;
  }
  end();
  return Buffer.concat(parts).toString("utf8");
}

/** The Blob service has given no user delegation key. */
export class NoUserDelegationKey extends Error {
  override readonly name = "NoUserDelegationKey";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Requests a key with which the bearer of a token signs for others (REST reference of the Blob service, "Get User Delegation Key").
 * Throws {@link NoUserDelegationKey} and BlobsUnavailable.
 */
export async function requestUserDelegationKey(
  blobEndpoint: string,
  token: string,
  { now, expires }: { readonly now: Date; readonly expires: Date },
  send: SendBlobRequest,
): Promise<UserDelegationKey> {
  const start = time(new Date(now.getTime() - SKEW_MS));
  const body = `<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>${start}</Start><Expiry>${time(expires)}</Expiry></KeyInfo>`;
  const response = await send({
    method: "POST",
    url: new URL(`${blobEndpoint}/?restype=service&comp=userdelegationkey`),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/xml" },
    body: Buffer.from(body),
  });
  const text = await textOf(response);
  const { status, headers } = response;
  if (status !== 200) throw new NoUserDelegationKey(status, `${status} ${String(headers["x-ms-error-code"] ?? "")}`);
  const value = (name: string): string => {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    if (!found) throw new NoUserDelegationKey(status, `the response has no ${name}`);
    return found;
  };
  return {
    objectId: value("SignedOid"),
    tenantId: value("SignedTid"),
    start: value("SignedStart"),
    expiry: value("SignedExpiry"),
    service: value("SignedService"),
    version: value("SignedVersion"),
    value: value("Value"),
  };
}
