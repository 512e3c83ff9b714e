import type { Operation, Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { armOperations } from "../armOperations";
import { NAME, RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "../armRequest";

/** The results of long-running operations, which clients poll: of resource groups, hubs and provisioning services. */
export function operationResultOperations(deps: ArmDependencies): Operation[] {
  const devices = `${SUBSCRIPTION_PATH}/providers/Microsoft.Devices`;
  const dpsResults = `${devices}/locations/:location/provisioningserviceoperationresults`;
  const below = `${RESOURCE_GROUP_PATH}/providers/Microsoft.Devices`;
  const poll = (request: Request) => deps.longRunning.poll(request);
  return armOperations(deps, [
    ["OperationResults_Get", "GET", `${SUBSCRIPTION_PATH}/operationresults/:operationId`, poll],
    ["IotHubResource_GetOperationResult", "GET", `${devices}/operationResults/:operationId`, poll],
    ["IotHubResource_GetOperationResult (hub)", "GET", `${below}/IotHubs/:${NAME}/operationResults/:operationId`, poll],
    [
      "IotDpsResource_GetOperationResult (service)",
      "GET",
      `${below}/provisioningServices/:${NAME}/operationresults/:operationId`,
      poll,
    ],
    ["IotDpsResource_GetOperationResult", "GET", `${dpsResults}/:operationId`, poll],
  ]);
}
