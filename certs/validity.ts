import type { Certificate } from "./certificate";
import { DAY_MS } from "./clock";
import { CertsError } from "./errors";
import type { Profile } from "./profiles";

/** The two times of a certificate, to the second. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The last moment that an X.509 time can say (RFC 5280, 4.1.2.5). */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59);

/** X.509 times have no fraction of a second. */
function toSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

/**
 * The validity of a new certificate: from `now` less the profile's backdating, to `now` plus the lifetime, always within
 * the issuer's own. What overruns the issuer's end is cut to it (`clamp`) or refused with `validityNotNested` (`refuse`);
 * the backdating is always cut. Throws `badLifetime`, and `issuerExpired` or `issuerNotYetValid` for an issuer that is
 * not valid now.
 */
export function planValidity(
  profile: Profile,
  now: Date,
  options: {
    readonly lifetimeDays?: number | undefined;
    readonly overrun?: "clamp" | "refuse" | undefined;
    readonly issuer?: Certificate | undefined;
  },
): Validity {
  const { issuer, lifetimeDays = profile.lifetimeDays, overrun = "clamp" } = options;
  const start = now.getTime() - profile.backdateSeconds * 1000;
  const end = now.getTime() + lifetimeDays * DAY_MS;
  if (!(lifetimeDays > 0) || end > END_OF_TIME) {
    throw new CertsError(
      "badLifetime",
      `A lifetime is a positive number of days that ends before the year 10000, not ${lifetimeDays}`,
      { data: { lifetimeDays } },
    );
  }
  if (issuer === undefined) return { notBefore: toSecond(start), notAfter: toSecond(end) };
  const { subject } = issuer;
  if (now > issuer.notAfter) {
    throw new CertsError(
      "issuerExpired",
      `The issuer ${subject} expired at ${issuer.notAfter.toISOString()}: issue with a new one`,
      { data: { subject, notAfter: issuer.notAfter.toISOString() } },
    );
  }
  if (now < issuer.notBefore) {
    throw new CertsError(
      "issuerNotYetValid",
      `The issuer ${subject} is valid only from ${issuer.notBefore.toISOString()}: check this machine's clock`,
      { data: { subject, notBefore: issuer.notBefore.toISOString() } },
    );
  }
  if (overrun === "refuse" && end > issuer.notAfter.getTime()) {
    const remaining = Math.floor((issuer.notAfter.getTime() - now.getTime()) / DAY_MS);
    throw new CertsError(
      "validityNotNested",
      `A lifetime of ${lifetimeDays} days outlives the issuer ${subject}, which has ${remaining} days left`,
      { data: { subject, lifetimeDays, remaining } },
    );
  }
  return {
    notBefore: toSecond(Math.max(start, issuer.notBefore.getTime())),
    notAfter: toSecond(Math.min(end, issuer.notAfter.getTime())),
  };
}
