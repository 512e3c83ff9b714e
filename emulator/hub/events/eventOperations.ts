import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { sendDeviceEvent } from "./sendDeviceEvent";

/** The operations on device-to-cloud events. */
export const eventOperations = (deps: HubDependencies): Operation[] => [sendDeviceEvent(deps)];
