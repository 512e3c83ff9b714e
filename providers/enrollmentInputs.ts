import * as pulumi from "@pulumi/pulumi";

/** Symmetric keys of an enrollment, each the base64 of 16 to 64 bytes; without any the service makes both. */
export interface SymmetricKey {
  readonly primaryKey?: pulumi.Input<string> | undefined;
  readonly secondaryKey?: pulumi.Input<string> | undefined;
}

/** What happens when a device registers again. */
export interface ReprovisionPolicy {
  /** Choose the hub again by the allocation policy; `false` keeps the device where it is. */
  readonly updateHubAssignment: pulumi.Input<boolean>;
  /** Whether the twin moves with the device to another hub; `false`: it begins with the initial twin. */
  readonly migrateDeviceData: pulumi.Input<boolean>;
}

/** Tags and desired properties that a device begins with: up to 8 KiB of tags and 32 KiB of desired properties. */
export interface InitialTwin {
  readonly tags?: pulumi.Input<Readonly<Record<string, unknown>>> | undefined;
  readonly properties?:
    | pulumi.Input<{ readonly desired?: pulumi.Input<Readonly<Record<string, unknown>>> | undefined }>
    | undefined;
}

/** The webhook that the policy `custom` asks for a hub. */
export interface CustomAllocation {
  /** http or https address; kept as a secret, because it may carry a key. */
  readonly webhookUrl: pulumi.Input<string>;
  /** Of the contract between the service and the webhook; default `2021-10-01`. */
  readonly apiVersion?: pulumi.Input<string> | undefined;
}

/** Inputs that group and individual enrollments share. Defaults are the service's own. */
export interface EnrollmentInputs {
  /** Host name of the provisioning service, `NAME.azure-devices-provisioning.net`. A change replaces. */
  readonly serviceEndpoint: pulumi.Input<string>;
  /** Name of a verified certificate of the provisioning service: devices whose chain leads to it may register. */
  readonly caReference?: pulumi.Input<string> | undefined;
  /** A second one beside it, for a rollover with overlap. */
  readonly secondaryCaReference?: pulumi.Input<string> | undefined;
  /**
   * Registration by shared keys instead of certificates; `{}` has them made: by the service, or for a vault that keeps them.
   * @secret
   */
  readonly symmetricKey?: pulumi.Input<SymmetricKey> | undefined;
  /** `enabled` (default) or `disabled`: a disabled enrollment assigns no device. */
  readonly provisioningStatus?: pulumi.Input<"enabled" | "disabled"> | undefined;
  /** Default: the service's policy. `static` needs exactly one hub in iotHubs, `custom` needs customAllocation. */
  readonly allocationPolicy?: pulumi.Input<"hashed" | "geoLatency" | "static" | "custom"> | undefined;
  /** Host names, a part of the linked hubs. Default: all of them. */
  readonly iotHubs?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * With the policy `custom` only.
   * @secret
   */
  readonly customAllocation?: pulumi.Input<CustomAllocation> | undefined;
  /** Default: choose the hub again and move the device's data. */
  readonly reprovisionPolicy?: pulumi.Input<ReprovisionPolicy> | undefined;
  /** Default: an empty twin. */
  readonly initialTwin?: pulumi.Input<InitialTwin> | undefined;
  /** Whether the devices are IoT Edge devices; default false. */
  readonly iotEdge?: pulumi.Input<boolean> | undefined;
  /**
   * Adopts an existing enrollment of this ID and replaces its content: `true` whatever it is
   * now, or its ETag to take over only what you have looked at. Of no effect once it is in the stack. Default false: an
   * existing enrollment is refused (409201).
   */
  readonly adopt?: pulumi.Input<boolean | string> | undefined;
  /**
   * PEM of the CAs that are known to be verified, and of intermediates below them: a preview warns about a certificate that
   * leads to none of them. Default: paths are not looked at.
   */
  readonly trustedCertificates?: pulumi.Input<string> | undefined;
}

/** Where the symmetric keys are kept, with `symmetricKey: {}`. Default: the stack's state. */
export interface StoredKeyInputs {
  /** `https://NAME.vault.azure.net`. */
  readonly vaultUri?: pulumi.Input<string> | undefined;
  /** Prefix of the secrets' names, followed by `-primary` and `-secondary`. */
  readonly storedName?: pulumi.Input<string> | undefined;
  /** Owner of the secrets: `organization/project/stack`. */
  readonly owner?: pulumi.Input<string> | undefined;
  /** How to treat soft-deleted secrets of the names, and with ours at their end. Default `recover`. */
  readonly softDeleted?: pulumi.Input<"recover" | "purge"> | undefined;
  /** Whether the stack creates the vault: objects that can no longer be deleted in it are deleted with it. Default false. */
  readonly vaultOfStack?: pulumi.Input<boolean> | undefined;
}

/** Marks symmetric keys and webhooks as secrets; a preview shows the rest. */
export const withSecrets = <T extends Pick<EnrollmentInputs, "symmetricKey" | "customAllocation">>(inputs: T): T => ({
  ...inputs,
  ...(inputs.symmetricKey === undefined ? {} : { symmetricKey: pulumi.secret(inputs.symmetricKey) }),
  ...(inputs.customAllocation === undefined ? {} : { customAllocation: pulumi.secret(inputs.customAllocation) }),
});
