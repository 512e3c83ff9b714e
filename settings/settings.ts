import type { KeyAlgorithmName } from "../certs/algorithms";
import type { DeviceSettings } from "./deviceSettings";
import type { GovernanceSettings } from "./governanceSettings";
import type { KeyVaultSettings } from "./keyVaultSettings";
import type { OperatorSettings } from "./operatorSettings";

/** Tiers of an IoT hub. */
export const HUB_SKUS = ["F1", "B1", "B2", "B3", "S1", "S2", "S3"] as const;
export type HubSku = (typeof HUB_SKUS)[number];

/** Checked settings. Pulumi generates the names that are undefined. */
export interface Settings extends DeviceSettings, GovernanceSettings, KeyVaultSettings, OperatorSettings {
  readonly cloud: "local" | "public";
  /** Azure region. */
  readonly location: string;
  readonly prefix: string;
  readonly resourceGroupName: string | undefined;
  readonly hub: { readonly name: string | undefined; readonly sku: HubSku; readonly units: number };
  readonly provisioningService: {
    readonly name: string | undefined;
    readonly units: number;
    readonly allocationPolicy: "hashed" | "geoLatency" | "static";
  };
  /** The CA hierarchy of the first generation. */
  readonly authority: {
    readonly keyAlgorithm: KeyAlgorithmName;
    readonly rootName: string;
    readonly rootLifetimeDays: number;
    readonly intermediateName: string;
    readonly intermediateLifetimeDays: number;
    readonly expiryWarningDays: number;
  };
  /** Generations of the CA hierarchy, one, or two during a rollover; the last one issues devices' certificates. */
  readonly generations: string[];
  /** Name of the root among the provisioning service's certificates. */
  readonly rootCertificateName: string;
  readonly verification: "proofOfPossession" | "asserted";
  /** Settings of devices' certificates. */
  readonly device: {
    readonly keyAlgorithm: KeyAlgorithmName;
    readonly lifetimeDays: number;
    readonly renewBeforeDays: number;
    readonly expiryWarningDays: number;
  };
  readonly enrollmentGroupId: string;
  /** Degrees Celsius. */
  readonly temperature: number;
}
