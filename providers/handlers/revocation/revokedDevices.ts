/** Which devices are to be blocked: those that are named, and those that hold a revoked certificate. */
import { X509Certificate } from "node:crypto";
import { nameKey } from "../../../azure/names";
import type { AzureGateway } from "../resource/azureGateway";
import { text } from "../resource/fields";
import type { Props } from "../resource/handler";
import { findHolders, type Holder } from "./thumbprintSearch";

type Gateway = Pick<AzureGateway, "enrollmentList" | "twins" | "log">;

/** A device that is revoked by its registration ID. */
export interface Revoked {
  readonly registrationId: string;
  /** PEM of its certificate, where it is known. */
  readonly certificate?: string;
}

/** A device that is blocked, and where it was assigned. */
export interface Blocked {
  readonly registrationId: string;
  readonly assignedHub?: string;
  readonly deviceId?: string;
  /** Whether an enrollment outside of this stack was enabled before; the end of the revocation enables it again. */
  readonly wasEnabled?: boolean;
  /** The revoked thumbprints by which it was found; it stays blocked as long as one of them is revoked. */
  readonly thumbprints?: readonly string[];
}

/** The input `devices`. */
export const devicesOf = (props: Props): readonly Revoked[] => (props.devices ?? []) as readonly Revoked[];
/** The output `blocked`. */
export const blockedOf = (props: Props): readonly Blocked[] => (props.blocked ?? []) as readonly Blocked[];
/** Letter case does not matter. */
export const keyOf = ({ registrationId }: { readonly registrationId: string }): string =>
  nameKey("registrationId", registrationId);

/** A list of texts out of a bag; empty where there is none. */
export const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** The thumbprints of a device's certificate, where it is known. */
function thumbprintsOf({ certificate }: Revoked): readonly string[] {
  if (certificate === undefined) return [];
  const { fingerprint, fingerprint256 } = new X509Certificate(certificate);
  return [fingerprint, fingerprint256].map((print) => print.replaceAll(":", ""));
}

/** The devices to block: those that are named, and the holders of the thumbprints; those found before stay. */
export interface DevicesToBlock {
  readonly devices: readonly (Revoked & Omit<Blocked, "registrationId">)[];
  /** Thumbprints of no known certificate. */
  readonly unmatched: readonly string[];
}

/** The devices that the inputs mean, and thumbprints without a device. Searches only for those not found before. */
export async function wantedOf(gateway: Gateway, olds: Props, news: Props): Promise<DevicesToBlock> {
  const thumbprints = textsOf(news.thumbprints);
  const devices = new Map<string, Revoked & Omit<Blocked, "registrationId">>();
  for (const device of devicesOf(news)) devices.set(keyOf(device), device);
  const hold = (thumbprint: string, holder: Holder): void => {
    const known = devices.get(keyOf(holder));
    const all = new Set([...(known?.thumbprints ?? []), thumbprint]);
    devices.set(keyOf(holder), { ...holder, ...known, thumbprints: [...all] });
  };
  const before = blockedOf(olds).flatMap((each) =>
    (each.thumbprints ?? []).map((thumbprint) => ({ thumbprint, each })),
  );
  // What an earlier run did not finish is searched again: it may have found one holder of several.
  const finished = textsOf(olds.thumbprints);
  const known = new Set(before.map(({ thumbprint }) => thumbprint).filter((each) => finished.includes(each)));
  // A device named with such a certificate is its holder: a hub with SHA-256 thumbprints only need not be searched for SHA-1.
  const named = devicesOf(news).flatMap((each) => thumbprintsOf(each).map((thumbprint) => ({ thumbprint, each })));
  for (const { thumbprint, each } of named) if (thumbprints.includes(thumbprint)) hold(thumbprint, each);
  for (const { thumbprint } of named) known.add(thumbprint);
  const unknown = thumbprints.filter((thumbprint) => !known.has(thumbprint));
  const holders = await findHolders(gateway, text(news, "serviceEndpoint"), textsOf(news.hubs), unknown);
  for (const thumbprint of thumbprints) {
    for (const found of before) {
      if (found.thumbprint === thumbprint) hold(thumbprint, { registrationId: found.each.registrationId });
    }
    for (const holder of holders.get(thumbprint) ?? []) {
      gateway.log(`The revoked certificate ${thumbprint} is device ${holder.registrationId}'s, which is blocked.`);
      hold(thumbprint, holder);
    }
  }
  return { devices: [...devices.values()], unmatched: unknown.filter((thumbprint) => !holders.has(thumbprint)) };
}
