import type { KeyUsage, PURPOSE_OIDS } from "./extensions";

/** The kinds of certificate that this toolkit issues or lints. */
export type ProfileName = "root" | "intermediate" | "device" | "verification" | "server";

/** What all certificates of a kind have in common. Code fills in names, keys and times. */
export interface Profile {
  readonly name: ProfileName;
  readonly isCa: boolean;
  /** Path length of basicConstraints: CA certificates allowed below; undefined: no limit (or no CA). */
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly KeyUsage[];
  /** Uses that only an RSA key has besides: key transport. */
  readonly rsaKeyUsage: readonly KeyUsage[];
  /** Extended key usages; empty: the extension is left out. */
  readonly purposes: readonly Exclude<keyof typeof PURPOSE_OIDS, "any">[];
  /** Default lifetime in days of 86,400 s. */
  readonly lifetimeDays: number;
  /** Seconds that notBefore lies before the present, for devices with a slow clock. */
  readonly backdateSeconds: number;
}

const HOUR = 3600;

/** A profile with the defaults of a certificate that is no CA. */
function profile(name: ProfileName, lifetimeDays: number, differences: Partial<Profile> = {}): Profile {
  const value: Profile = {
    name,
    isCa: false,
    pathLength: undefined,
    keyUsage: ["digitalSignature"],
    rsaKeyUsage: [],
    purposes: [],
    lifetimeDays,
    backdateSeconds: HOUR,
    ...differences,
  };
  for (const list of [value.keyUsage, value.rsaKeyUsage, value.purposes]) Object.freeze(list);
  return Object.freeze(value);
}

const CA: Partial<Profile> = { isCa: true, keyUsage: ["keyCertSign", "cRLSign"] };

/** The table of profiles, frozen (extensions: RFC 5280, 4.2.1). */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  /** The trust anchor. No path length: how deep the hierarchy goes is each intermediate's matter. */
  root: profile("root", 3650, CA),
  /** Signs device leaves and nothing else, hence path length 0. */
  intermediate: profile("intermediate", 1825, { ...CA, pathLength: 0 }),
  /** A device's credential: CN = registration ID, TLS client. */
  device: profile("device", 365, { rsaKeyUsage: ["keyEncipherment"], purposes: ["clientAuth"] }),
  /** Proof of possession: CN = verification code; used once, hence one day. */
  verification: profile("verification", 1),
  /** A TLS server, to lint what others issued. Clients such as Apple's refuse more than 397 days. */
  server: profile("server", 397, { rsaKeyUsage: ["keyEncipherment"], purposes: ["serverAuth"] }),
});
