/**
 * Shared access signatures of IoT Hub and DPS.
 * Source: Azure documentation "Control access to IoT Hub by using shared access signatures – SAS token structure".
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The parts of `SharedAccessSignature sr=…&sig=…&se=…[&skn=…]`, decoded but for `encodedResource`. */
export interface SasToken {
  /** The resource as it was sent, percent-encoded: this text is what was signed. */
  readonly encodedResource: string;
  /** The resource decoded, for example `hub.azure-devices.net/devices/dev-1`. */
  readonly resource: string;
  /** Base64. */
  readonly signature: string;
  /** Seconds since 1970. */
  readonly expiry: number;
  /** The shared access policy's name; absent in a token signed with a device's own key. */
  readonly policy?: string;
}

const sign = (key: string, encodedResource: string, expiry: number): string =>
  createHmac("sha256", Buffer.from(key, "base64")).update(`${encodedResource}\n${expiry}`).digest("base64");

/** Makes a token. `key` is base64, `expiry` in seconds since 1970; `policy` is the shared access policy's name. */
export function createSas(resource: string, key: string, expiry: number, policy?: string): string {
  const encoded = encodeURIComponent(resource);
  const signature = encodeURIComponent(sign(key, encoded, expiry));
  const name = policy === undefined ? "" : `&skn=${encodeURIComponent(policy)}`;
  return `SharedAccessSignature sr=${encoded}&sig=${signature}&se=${expiry}${name}`;
}

/** Parses an Authorization header or MQTT password; the fields may come in any order. Undefined when it is no SAS. */
export function parseSas(text: string): SasToken | undefined {
  const match = /^\s*SharedAccessSignature\s+(\S+)\s*$/i.exec(text);
  if (!match?.[1]) return undefined;
  const fields = new Map<string, string>();
  for (const pair of match[1].split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields.set(pair.slice(0, at).toLowerCase(), pair.slice(at + 1));
  }
  const [sr, sig, se, skn] = ["sr", "sig", "se", "skn"].map((name) => fields.get(name));
  if (sr === undefined || sig === undefined || se === undefined || !/^\d+$/.test(se)) return undefined;
  try {
    return {
      encodedResource: sr,
      resource: decodeURIComponent(sr),
      signature: decodeURIComponent(sig),
      expiry: Number(se),
      ...(skn ? { policy: decodeURIComponent(skn) } : {}),
    };
  } catch {
    return undefined;
  }
}

/** Whether a token was signed with the key (base64). Constant time. */
export function isSignedWith(token: SasToken, key: string): boolean {
  const expected = Buffer.from(sign(key, token.encodedResource, token.expiry));
  const given = Buffer.from(token.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
