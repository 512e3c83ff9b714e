import * as pulumi from "@pulumi/pulumi";
import type { BUILT_IN_ROLES } from "../azure/builtInRoles";
import { roleAssignmentName } from "./naming";

const load = () => require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization");

/** A role that a principal gets at a scope. */
export interface RoleGrant {
  readonly scope: pulumi.Input<string>;
  readonly principalId: pulumi.Input<string>;
  /**
   * `ServicePrincipal` for a managed identity: Azure then does not look up the principal, which may not be everywhere in Entra yet.
   * Default: Azure looks it up.
   */
  readonly principalType?: "ServicePrincipal";
  readonly role: (typeof BUILT_IN_ROLES)[keyof typeof BUILT_IN_ROLES];
  readonly subscriptionId: pulumi.Input<string>;
}

/** Assigns a role, under a name that is the same at every run. */
export function assignRole(
  name: string,
  { scope, principalId, principalType, role, subscriptionId }: RoleGrant,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  return new (load().RoleAssignment)(
    name,
    {
      scope,
      principalId,
      principalType,
      roleDefinitionId: pulumi.interpolate`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      roleAssignmentName: pulumi
        .all([scope, principalId])
        .apply(([at, principal]) => roleAssignmentName(at, principal, role)),
    },
    options,
  );
}
