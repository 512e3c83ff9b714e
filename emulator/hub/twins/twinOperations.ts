import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { getTwin } from "./getTwin";
import { replaceTwin } from "./replaceTwin";
import { updateTwin } from "./updateTwin";

/** The operations on device twins. */
export const twinOperations = (deps: HubDependencies): Operation[] => [
  getTwin(deps),
  updateTwin(deps),
  replaceTwin(deps),
];
