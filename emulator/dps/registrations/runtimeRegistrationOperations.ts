import type { Operation } from "../../kernel/operation";
import type { CustomAllocation } from "../allocation/customAllocation";
import type { DpsDependencies } from "../dpsDependencies";
import { lookUpOperationStatus } from "./lookUpOperationStatus";
import { lookUpRegistrationStatus } from "./lookUpRegistrationStatus";
import { registerDevice } from "./registerDevice";

/** The operations of the device API. */
export const runtimeRegistrationOperations = (deps: DpsDependencies, custom: CustomAllocation): Operation[] => [
  registerDevice(deps, custom),
  lookUpOperationStatus(deps, custom),
  lookUpRegistrationStatus(deps),
];
