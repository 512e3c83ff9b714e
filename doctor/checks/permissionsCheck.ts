import { wildcard } from "../../azure/wildcard";
import type { Arm, DeploymentPlan } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";
import { member, subscriptionCheck } from "./subscriptionCheck";

/** What the deployment does that a role must allow. */
interface Need {
  /** What it is for. */
  readonly purpose: string;
  /** The built-in role that has it. */
  readonly role: string;
  readonly kind: "actions" | "dataActions";
  readonly operations: readonly string[];
}

const DPS = "Microsoft.Devices/provisioningServices";
const HUB = "Microsoft.Devices/IotHubs";
const VAULT = "Microsoft.KeyVault/vaults";

/** Sources: Azure documentation "Azure permissions for Internet of Things", "… for Security". */
const NEEDS: readonly Need[] = Object.freeze([
  {
    purpose: "making and removing the resource group",
    role: "Contributor",
    kind: "actions",
    operations: ["read", "write", "delete"].map((verb) => `Microsoft.Resources/subscriptions/resourceGroups/${verb}`),
  },
  {
    purpose: "the hub",
    role: "Contributor",
    kind: "actions",
    operations: ["read", "write", "delete"].map((verb) => `${HUB}/${verb}`),
  },
  {
    purpose: "the provisioning service and its certificates",
    role: "Contributor",
    kind: "actions",
    operations: [
      "read",
      "write",
      "delete",
      "certificates/read",
      "certificates/write",
      "certificates/delete",
      "certificates/generateVerificationCode/action",
      "certificates/verify/action",
    ].map((verb) => `${DPS}/${verb}`),
  },
  {
    purpose: "enrollments and registration records",
    role: "Device Provisioning Service Data Contributor",
    kind: "dataActions",
    operations: ["enrollments", "enrollmentGroups", "registrationStates"].flatMap((noun) => [
      `${DPS}/${noun}/read`,
      `${DPS}/${noun}/delete`,
      ...(noun === "registrationStates" ? [] : [`${DPS}/${noun}/write`]),
    ]),
  },
  {
    purpose: "disabling and removing device identities",
    role: "IoT Hub Data Contributor",
    kind: "dataActions",
    operations: ["read", "write", "delete"].map((verb) => `${HUB}/devices/${verb}`),
  },
]);

const LINK_NEEDS: Readonly<Record<NonNullable<DeploymentPlan["linkBy"]>, readonly Need[]>> = Object.freeze({
  identity: [
    {
      purpose: "giving the provisioning service its role on the hub",
      role: "Role Based Access Control Administrator",
      kind: "actions",
      operations: ["read", "write", "delete"].map((verb) => `Microsoft.Authorization/roleAssignments/${verb}`),
    },
  ],
  key: [
    {
      purpose: "linking the hub by a key",
      role: "Contributor",
      kind: "actions",
      operations: [`${HUB}/IotHubKeys/listkeys/action`],
    },
  ],
});

const RECEIPT_NEEDS: readonly Need[] = Object.freeze([
  {
    purpose: "reading the devices' messages back",
    role: "Contributor",
    kind: "actions",
    operations: [`${HUB}/IotHubKeys/listkeys/action`],
  },
]);

const VAULT_NEEDS: readonly Need[] = Object.freeze([
  {
    purpose: "the key vault",
    role: "Contributor",
    kind: "actions",
    operations: ["read", "write", "delete"].map((verb) => `${VAULT}/${verb}`),
  },
  {
    purpose: "giving itself the vault's data roles",
    role: "Role Based Access Control Administrator",
    kind: "actions",
    operations: ["Microsoft.Authorization/roleAssignments/write"],
  },
]);

const OPERATOR_NEEDS: readonly Need[] = Object.freeze([
  {
    purpose: "the operator endpoint's identity and storage",
    role: "Contributor",
    kind: "actions",
    operations: [
      "Microsoft.ManagedIdentity/userAssignedIdentities/write",
      "Microsoft.Storage/storageAccounts/write",
      "Microsoft.Storage/storageAccounts/blobServices/containers/write",
      "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/write",
    ],
  },
  {
    purpose: "giving the operator endpoint its roles",
    role: "Role Based Access Control Administrator",
    kind: "actions",
    operations: ["Microsoft.Authorization/roleAssignments/write"],
  },
]);

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** Whether permissions allow an operation: one of them names it and does not take it away again. */
export function allows(permissions: readonly unknown[], kind: Need["kind"], operation: string): boolean {
  const without = kind === "actions" ? "notActions" : "notDataActions";
  const names = (permission: unknown, list: string): boolean =>
    texts(member(permission, list)).some((action) => wildcard(action).test(operation));
  return permissions.some((permission) => names(permission, kind) && !names(permission, without));
}

/** The narrowest scope that there is already: the group, where it exists; otherwise the subscription. */
async function scopeOf(arm: Arm, plan: DeploymentPlan | undefined): Promise<string> {
  const group = plan?.resourceGroup;
  if (group === undefined) return "";
  const path = `/resourceGroups/${group}`;
  return (await arm.send("GET", path, "2021-04-01")).status === 404 ? "" : path;
}

/** The identity may do what the deployment does. */
export const permissions = subscriptionCheck("Permissions", async (arm, plan) => {
  const scope = await scopeOf(arm, plan);
  const { status, body } = await arm.send(
    "GET",
    `${scope}/providers/Microsoft.Authorization/permissions`,
    "2022-04-01",
  );
  const value = member(body, "value");
  if (status === 404 || !Array.isArray(value)) {
    const remedy =
      "compare the identity's roles (az role assignment list --all --assignee <object id>) with docs/real-azure.md";
    return [warn("Azure does not return the permissions of this identity", remedy)];
  }
  const held: readonly unknown[] = value;
  const needs = [
    ...NEEDS,
    ...LINK_NEEDS[plan?.linkBy ?? "identity"],
    ...(plan?.readsMessages ? RECEIPT_NEEDS : []),
    ...(plan?.vault === undefined ? [] : VAULT_NEEDS),
    ...(plan?.operator === undefined ? [] : OPERATOR_NEEDS),
  ];
  const full = `/subscriptions/${arm.subscriptionId}${scope}`;
  return needs.map(({ purpose, role, kind, operations }): DoctorResult => {
    const missing = operations.filter((operation) => !allows(held, kind, operation));
    if (missing.length === 0) return ok(`May do what is needed for ${purpose}`);
    const remedy = `az role assignment create --role "${role}" --assignee <object id> --scope ${full} (it takes minutes to work)`;
    return fail(`May not do what is needed for ${purpose}: ${missing.join(", ")}`, remedy);
  });
});
