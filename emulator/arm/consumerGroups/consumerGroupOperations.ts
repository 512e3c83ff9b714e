import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { createConsumerGroup } from "./createConsumerGroup";
import { deleteConsumerGroup } from "./deleteConsumerGroup";
import { getConsumerGroup } from "./getConsumerGroup";
import { listConsumerGroups } from "./listConsumerGroups";

/** Consumer groups of a hub's built-in events endpoint (Azure REST API "Iot Hub Resource"). */
export const consumerGroupOperations = (deps: ArmDependencies): Operation[] =>
  [listConsumerGroups, getConsumerGroup, createConsumerGroup, deleteConsumerGroup].map((operation) => operation(deps));
