import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import type { ResourceGroup } from "./resourceGroupStore";

/** A resource group as GET, PUT and the lists return it. */
export const resourceGroupBody = (
  group: ResourceGroup,
  { subscriptionId }: Pick<ArmDependencies, "subscriptionId">,
): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`,
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  tags: group.tags,
  managedBy: group.managedBy,
  properties: { provisioningState: group.goneAt === undefined ? "Succeeded" : "Deleting" },
});
