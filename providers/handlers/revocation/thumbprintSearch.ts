/** Finds the devices that certificates belong to, by their thumbprints, among enrollments and in hubs. */
import type { QueryPage } from "../../../azure/clients/deviceServiceClient";
import type { CertificateWithInfo } from "../../../azure/wire/dpsEnrollment";
import type { AzureGateway } from "../resource/azureGateway";

type Gateway = Pick<AzureGateway, "enrollmentList" | "twins">;

/** A device that holds a certificate, and its identity in a hub where that is how it was found. */
export interface Holder {
  readonly registrationId: string;
  readonly assignedHub?: string;
  readonly deviceId?: string;
}

/** Holders by thumbprint, upper-case hexadecimal. A thumbprint that nothing has is left out. */
export type Holders = ReadonlyMap<string, readonly Holder[]>;

/** Items of a page. */
const PAGE = 1000;

/** The thumbprints of a certificate as a service returns them, upper-case hexadecimal: SHA-1, SHA-256, or both. */
const printsOf = (certificates: readonly (CertificateWithInfo | undefined)[]): string[] =>
  certificates.flatMap((each) => (each?.info ? [each.info.sha1Thumbprint, each.info.sha256Thumbprint] : []));

/**
 * Looks for thumbprints, SHA-1 or SHA-256: first in the service's individual enrollments, then among the devices of its
 * hubs, which is where a device that came in by a group is known by its certificate. All pages are read: neither service
 * can be asked for a thumbprint.
 */
export async function findHolders(
  gateway: Gateway,
  service: string,
  hubs: readonly string[],
  thumbprints: readonly string[],
): Promise<Holders> {
  const wanted = new Set(thumbprints);
  const found = new Map<string, Holder[]>();
  const note = (prints: readonly (string | null | undefined)[], holder: Holder): void => {
    for (const print of new Set(prints.map((each) => each?.toUpperCase() ?? ""))) {
      const known = found.get(print) ?? [];
      const isKnown = known.some(({ registrationId }) => registrationId === holder.registrationId);
      if (wanted.has(print) && !isKnown) found.set(print, [...known, holder]);
    }
  };
  if (wanted.size === 0) return found;
  const byDevice = new Map<string, string>();
  for await (const { registrationId, deviceId, attestation } of itemsOf(gateway.enrollmentList(service))) {
    const { primary, secondary } = attestation.x509?.clientCertificates ?? {};
    if (deviceId !== undefined) byDevice.set(deviceId, registrationId);
    note(printsOf([primary, secondary]), { registrationId });
  }
  for (const hub of hubs) {
    for await (const { deviceId, x509Thumbprint } of itemsOf(gateway.twins(hub))) {
      // A group's devices have their registration IDs in the hub, too.
      const registrationId = byDevice.get(deviceId) ?? deviceId;
      const prints = [x509Thumbprint?.primaryThumbprint, x509Thumbprint?.secondaryThumbprint];
      note(prints, { registrationId, assignedHub: hub, deviceId });
    }
  }
  return found;
}

interface Pages<T> {
  page(size: number, continuation?: string): Promise<QueryPage<T>>;
}

/** All items of a collection, page by page. */
export async function* itemsOf<T>(client: Pages<T>): AsyncGenerator<T> {
  let continuation: string | undefined;
  do {
    const page = await client.page(PAGE, continuation);
    yield* page.items;
    continuation = page.continuation;
  } while (continuation !== undefined);
}
