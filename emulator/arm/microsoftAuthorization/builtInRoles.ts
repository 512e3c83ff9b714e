/** One of Azure's built-in roles. */
export interface BuiltInRole {
  /** The GUID that it has in every tenant. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions: readonly string[];
}

const VAULT = "Microsoft.KeyVault/vaults";
/** The control plane actions of every data plane role of Key Vault. */
const VAULT_READ_ACTIONS = [
  "Microsoft.Authorization/*/read",
  "Microsoft.Insights/alertRules/*",
  "Microsoft.Resources/deployments/*",
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Support/*",
  "Microsoft.KeyVault/checkNameAvailability/read",
  "Microsoft.KeyVault/deletedVaults/read",
  "Microsoft.KeyVault/locations/*/read",
  "Microsoft.KeyVault/vaults/*/read",
  "Microsoft.KeyVault/operations/read",
];

const role = (
  id: string,
  name: string,
  description: string,
  dataActions: readonly string[],
  more: Partial<BuiltInRole> = {},
): BuiltInRole => ({ id, name, description, actions: VAULT_READ_ACTIONS, dataActions, ...more });

/** The data plane roles of hubs and provisioning services (Azure documentation, "Azure built-in roles for Internet of Things"). */
const DEVICES_ROLES: readonly BuiltInRole[] = (
  [
    [
      "4fc6c259-987e-4a07-842e-c321cc9d413f",
      "IoT Hub Data Contributor",
      "Allows for full access to IoT Hub data plane operations.",
      ["IotHubs/*"],
    ],
    [
      "b447c946-2db7-41ec-983d-d8bf3b1c77e3",
      "IoT Hub Data Reader",
      "Allows for full read access to IoT Hub data-plane properties",
      ["IotHubs/*/read", "IotHubs/fileUpload/notifications/action"],
    ],
    [
      "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
      "IoT Hub Registry Contributor",
      "Allows for full access to IoT Hub device registry.",
      ["IotHubs/devices/*"],
    ],
    [
      "494bdba2-168f-4f31-a0a1-191d2f7c028c",
      "IoT Hub Twin Contributor",
      "Allows for read and write access to all IoT Hub device and module twins.",
      ["IotHubs/twins/*"],
    ],
    [
      "dfce44e4-17b7-4bd1-a6d1-04996ec95633",
      "Device Provisioning Service Data Contributor",
      "Allows for full access to Device Provisioning Service data-plane operations.",
      ["provisioningServices/*"],
    ],
    [
      "10745317-c249-44a1-a5ce-3a4353c0bbd8",
      "Device Provisioning Service Data Reader",
      "Allows for full read access to Device Provisioning Service data-plane properties.",
      ["provisioningServices/*/read"],
    ],
  ] as const
).map(([id, name, description, dataActions]) => ({
  id,
  name,
  description,
  actions: [],
  dataActions: dataActions.map((each) => `Microsoft.Devices/${each}`),
}));

/** The roles that can be assigned here (Azure documentation, "Azure built-in roles": General, Security). */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = Object.freeze([
  role(
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Administrator",
    "Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets.",
    [`${VAULT}/*`],
  ),
  role(
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
    "Key Vault Crypto Officer",
    "Perform any action on the keys of a key vault, except manage permissions.",
    [`${VAULT}/keys/*`, `${VAULT}/keyrotationpolicies/*`],
  ),
  role(
    "12338af0-0e69-4776-bea7-57ae8d297424",
    "Key Vault Crypto User",
    "Perform cryptographic operations using keys.",
    [
      `${VAULT}/keys/read`,
      `${VAULT}/keys/update/action`,
      `${VAULT}/keys/backup/action`,
      `${VAULT}/keys/encrypt/action`,
      `${VAULT}/keys/decrypt/action`,
      `${VAULT}/keys/wrap/action`,
      `${VAULT}/keys/unwrap/action`,
      `${VAULT}/keys/sign/action`,
      `${VAULT}/keys/verify/action`,
    ],
  ),
  role(
    "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "Key Vault Crypto Service Encryption User",
    "Read metadata of keys and perform wrap/unwrap operations.",
    [`${VAULT}/keys/read`, `${VAULT}/keys/wrap/action`, `${VAULT}/keys/unwrap/action`],
  ),
  role(
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets Officer",
    "Perform any action on the secrets of a key vault, except manage permissions.",
    [`${VAULT}/secrets/*`],
  ),
  role("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", "Read secret contents.", [
    `${VAULT}/secrets/getSecret/action`,
    `${VAULT}/secrets/readMetadata/action`,
  ]),
  role(
    "a4417e6f-fecd-4de8-b567-7b0420556985",
    "Key Vault Certificates Officer",
    "Perform any action on the certificates of a key vault, except manage permissions.",
    [`${VAULT}/certificatecas/*`, `${VAULT}/certificates/*`, `${VAULT}/certificatecontacts/write`],
  ),
  role("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", "Read certificate contents.", [
    `${VAULT}/certificates/read`,
    `${VAULT}/secrets/getSecret/action`,
    `${VAULT}/secrets/readMetadata/action`,
    `${VAULT}/keys/read`,
  ]),
  role(
    "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Reader",
    "Read metadata of key vaults and its certificates, keys, and secrets.",
    [`${VAULT}/*/read`, `${VAULT}/secrets/readMetadata/action`],
  ),
  role(
    "f25e0fa2-a7c8-4377-a976-54943a77a395",
    "Key Vault Contributor",
    "Lets you manage key vaults, but not access to them.",
    [],
    { actions: ["Microsoft.KeyVault/*"], notActions: ["Microsoft.KeyVault/locations/deletedVaults/purge/action"] },
  ),
  ...DEVICES_ROLES,
  role(
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Owner",
    "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    [],
    { actions: ["*"] },
  ),
  role(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
    [],
    { actions: ["*"], notActions: ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"] },
  ),
  role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "View all resources, but not make any changes.", [], {
    actions: ["*/read"],
  }),
  role(
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Contributor",
    "Allows for read, write and delete access to Azure Storage blob containers and data.",
    ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],
    { actions: ["Microsoft.Storage/storageAccounts/blobServices/containers/*"] },
  ),
]);

/** Whether one of these patterns grants an action. `*` matches anything; letter case does not matter. */
export function isGranted(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    const text = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    return new RegExp(`^${text}$`, "i").test(action);
  });
}

/** A role by its GUID, any letter case. */
export const roleById = (id: string): BuiltInRole | undefined =>
  BUILT_IN_ROLES.find((each) => each.id === id.toLowerCase());

/** The ID of a role in this subscription. */
export const roleDefinitionId = (roleId: string, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;

/** The GUID in the ID of a role, with or without a subscription; undefined for anything else. */
export const roleIdOf = (definitionId: unknown): string | undefined =>
  typeof definitionId === "string"
    ? /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([0-9a-f-]{36})\/?$/i.exec(definitionId)?.[1]
    : undefined;

/** What a role permits, as ARM returns it. */
export const permissionOf = ({
  actions,
  notActions = [],
  dataActions,
}: Pick<BuiltInRole, "actions" | "notActions" | "dataActions">) => ({
  actions,
  notActions,
  dataActions,
  notDataActions: [],
});
