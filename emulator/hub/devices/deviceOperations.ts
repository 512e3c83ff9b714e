import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { createOrUpdateDevice } from "./createOrUpdateDevice";
import { deleteDevice } from "./deleteDevice";
import { getDevice } from "./getDevice";
import { getDeviceStatistics } from "./getDeviceStatistics";
import { listDevices } from "./listDevices";
import { queryDevices } from "./queryDevices";

/** The operations on device identities. */
export const deviceOperations = (deps: HubDependencies): Operation[] =>
  [getDevice, createOrUpdateDevice, deleteDevice, listDevices, queryDevices, getDeviceStatistics].map((operation) =>
    operation(deps),
  );
