import type { Bag, Preview, Step } from "../../review/previewDocument";

/** The type tokens of the toolkit's resources, by the names that tests call them. */
export const TOKENS = Object.freeze({
  resourceGroup: "azure-native:resources:ResourceGroup",
  hub: "azure-native:iothub:IotHubResource",
  service: "azure-native:deviceprovisioningservices:IotDpsResource",
  authority: "pulumi-nodejs:dynamic/iot:CertificateAuthority",
  root: "pulumi-nodejs:dynamic/iot:VerifiedCertificate",
  certificate: "pulumi-nodejs:dynamic/iot:DeviceCertificate",
  group: "pulumi-nodejs:dynamic/iot:EnrollmentGroup",
  individual: "pulumi-nodejs:dynamic/iot:IndividualEnrollment",
  list: "pulumi-nodejs:dynamic/iot:EnrollmentList",
  vault: "azure-native:keyvault:Vault",
  vaultAccess: "pulumi-nodejs:dynamic/iot:VaultAccess",
  links: "pulumi-nodejs:dynamic/iot:HubLinks",
  serviceIdentity: "pulumi-nodejs:dynamic/iot:ServiceIdentity",
  role: "azure-native:authorization:RoleAssignment",
  registration: "pulumi-nodejs:dynamic/iot:DeviceRegistration",
  revocations: "pulumi-nodejs:dynamic/iot:Revocations",
  other: "azure-native:storage:StorageAccount",
} as const);

/** What a test says of a step; what it leaves out is empty. */
export interface StepWords {
  readonly op: string;
  readonly type: keyof typeof TOKENS;
  readonly name?: string;
  readonly before?: Bag;
  readonly after?: Bag;
  readonly outputs?: Bag;
  readonly reasons?: readonly string[];
  /** URNs by input. */
  readonly sources?: Readonly<Record<string, readonly string[]>>;
  readonly differs?: readonly string[];
  readonly secretOutputs?: readonly string[];
}

/** The URN of a resource of the stack `test`. */
export const urnOf = (type: keyof typeof TOKENS, name = "thing"): string =>
  `urn:pulumi:test::azure-iot-zero-touch::zero-touch:iot:Parent$${TOKENS[type]}::${name}`;

/** A step as the engine prints it. */
export function step(words: StepWords): Step {
  const { op, type, before, after, outputs, reasons, sources, differs, secretOutputs } = words;
  const state = {
    type: TOKENS[type],
    custom: true,
    ...(secretOutputs ? { additionalSecretOutputs: secretOutputs } : {}),
  };
  return {
    op,
    urn: urnOf(type, words.name),
    ...(before ? { oldState: { ...state, inputs: before, outputs: outputs ?? {} } } : {}),
    ...(after ? { newState: { ...state, inputs: after, ...(sources ? { propertyDependencies: sources } : {}) } } : {}),
    ...(reasons ? { replaceReasons: reasons } : {}),
    detailedDiff: differs ? Object.fromEntries(differs.map((path) => [path, { kind: "update" }])) : null,
  };
}

/** A preview of these steps. */
export const preview = (...steps: readonly StepWords[]): Preview => ({
  steps: steps.map(step),
  diagnostics: [],
  summary: {},
});
