/**
 * What the control plane (ARM) knows and the data planes need: the services that stand, their keys, their verified
 * certificates. The ARM side writes it, the data planes read it.
 */

/** A shared access policy of a hub or a provisioning service. */
export interface SharedAccessPolicy {
  readonly keyName: string;
  /** Base64. */
  readonly primaryKey: string;
  readonly secondaryKey: string;
  /** For example `RegistryRead`, `ServiceConnect`, `EnrollmentWrite`. */
  readonly rights: readonly string[];
}

/** A hub linked to a provisioning service. */
export interface LinkedHub {
  /** Host name, lower case. */
  readonly hostName: string;
  readonly location: string;
  /** Whether allocation may choose it. Default true. */
  readonly applyAllocationPolicy: boolean;
  /** 1 to 1000, default 1. */
  readonly allocationWeight: number;
  /** Whether the key it was linked with still opens it: not when the hub's policy is gone, or has other keys or rights. */
  readonly isOpen: boolean;
}

export interface ProvisioningServiceRecord {
  /** Never used twice: a service made anew under an old name has another. */
  readonly key: string;
  readonly name: string;
  readonly idScope: string;
  readonly allocationPolicy: "Hashed" | "GeoLatency" | "Static";
  readonly linkedHubs: readonly LinkedHub[];
  readonly policies: readonly SharedAccessPolicy[];
}

export interface HubRecord {
  /** Never used twice, as above. */
  readonly key: string;
  readonly name: string;
  /** Lower case. */
  readonly hostName: string;
  /** None while `disableLocalAuth` is set: their keys open nothing then. */
  readonly policies: readonly SharedAccessPolicy[];
  /** `disableDeviceSAS`: no device comes in by a key of its own. */
  readonly refusesDeviceSas: boolean;
  /** How many partitions the built-in events endpoint has. */
  readonly partitionCount: number;
}

/** A CA certificate uploaded to a provisioning service. */
export interface CaCertificateRecord {
  readonly name: string;
  readonly der: Buffer;
  readonly isVerified: boolean;
}

export interface Directory {
  provisioningService(name: string): ProvisioningServiceRecord | undefined;
  provisioningServiceByIdScope(idScope: string): ProvisioningServiceRecord | undefined;
  /** All certificates of a service (by its key), verified or not: a list that never changes, a new one after a change. */
  certificates(provisioningServiceKey: string): readonly CaCertificateRecord[];
  hub(hostName: string): HubRecord | undefined;
  /** Called inside the transaction that removes a hub or a service, so that its data goes with it. */
  onRemoved(listener: (kind: "hub" | "provisioningService", key: string) => void): void;
}

/** Who a bearer token speaks for. */
export interface Principal {
  readonly tenantId: string;
  readonly objectId: string;
  readonly clientId: string;
}

/** Judges Entra bearer tokens: signature, issuer, expiry and audience. */
export interface TokenJudge {
  /** `audiences` without a trailing slash; any of them will do. */
  judge(
    bearer: string,
    audiences: readonly string[],
  ):
    | { readonly ok: true; readonly principal: Principal }
    | {
        readonly ok: false;
        readonly reason: "malformed" | "signature" | "issuer" | "audience" | "expired" | "notYetValid";
      };
}
