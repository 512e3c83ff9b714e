import type { Operation } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { objectOperations } from "../objects/objectOperations";
import type { VaultDependencies } from "../vaultDependencies";
import { createKey } from "./createKey";
import { getKey } from "./getKey";
import { importKey } from "./importKey";
import { KEY_DEFINITION } from "./keyDefinition";
import { rotationOperations } from "./keyRotation";
import { managedHsmOperations } from "./managedHsmOperations";
import { useOperations } from "./useOperations";

/** The operations on keys (REST reference, "Keys"). */
export function keyOperations(lifetimes: Lifetimes, deps: VaultDependencies): Operation[] {
  const operations = [
    ...objectOperations(KEY_DEFINITION, deps),
    ...getKey(deps),
    ...rotationOperations(lifetimes.rotation, deps),
  ];
  return [
    ...applyDuePolicies("key", operations, lifetimes, deps),
    createKey(deps),
    ...importKey(deps),
    ...useOperations(lifetimes, deps),
    ...managedHsmOperations(deps),
  ];
}
