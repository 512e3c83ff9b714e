import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { createOrUpdateResourceGroup } from "./createOrUpdateResourceGroup";
import { deleteResourceGroup } from "./deleteResourceGroup";
import { checkResourceGroup, getResourceGroup } from "./getResourceGroup";
import { listResourceGroups } from "./listResourceGroups";
import { updateResourceGroup } from "./updateResourceGroup";

/** Resource groups (Azure REST API "Resource Groups"). */
export const resourceGroupOperations = (deps: ArmDependencies): Operation[] =>
  [
    createOrUpdateResourceGroup,
    getResourceGroup,
    checkResourceGroup,
    updateResourceGroup,
    deleteResourceGroup,
    listResourceGroups,
  ].map((operation) => operation(deps));
