import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { resourceGroupBody } from "./resourceGroupBody";

/** All resource groups of the subscription. */
export const listResourceGroups = (deps: ArmDependencies): Operation => ({
  name: "ResourceGroups_List",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/resourceGroups`,
  handle: () => ({ status: 200, body: { value: deps.groups.list().map((group) => resourceGroupBody(group, deps)) } }),
});
