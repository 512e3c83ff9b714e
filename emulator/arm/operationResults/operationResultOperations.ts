import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";

const DEVICES = "/providers/Microsoft.Devices";

/** The paths at which clients poll long-running operations: of resource groups, hubs and provisioning services. */
const POLLED = [
  ["OperationResults_Get", "/operationresults"],
  ["IotHubResource_GetOperationResult", `${DEVICES}/operationResults`],
  ["IotDpsResource_GetOperationResult", `${DEVICES}/locations/:location/provisioningserviceoperationresults`],
] as const;

/** The results of long-running operations. */
export const operationResultOperations = (deps: ArmDependencies): Operation[] =>
  POLLED.map(([name, path]) => ({
    name,
    method: "GET",
    path: `${SUBSCRIPTION_PATH}${path}/:operationId`,
    handle: (request) => deps.longRunning.poll(request),
  }));
