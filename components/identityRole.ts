import * as pulumi from "@pulumi/pulumi";
import { roleAssignmentName } from "./naming";

const load = () => require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization");

/** A role of a managed identity. */
export interface IdentityRole {
  readonly scope: pulumi.Input<string>;
  readonly principalId: pulumi.Input<string>;
  /** GUID of the built-in role (Azure documentation, "Azure built-in roles"). */
  readonly role: string;
  readonly subscriptionId: pulumi.Input<string>;
}

/** Assigns a role, under a name that is the same at every run. */
export function assignRole(
  name: string,
  { scope, principalId, role, subscriptionId }: IdentityRole,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  return new (load().RoleAssignment)(
    name,
    {
      scope,
      principalId,
      // Azure would look up a principal that is not everywhere in Entra yet.
      principalType: "ServicePrincipal",
      roleDefinitionId: pulumi.interpolate`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      roleAssignmentName: pulumi
        .all([scope, principalId])
        .apply(([at, principal]) => roleAssignmentName(at, principal, role)),
    },
    options,
  );
}
