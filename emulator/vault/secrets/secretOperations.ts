import type { Operation } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { objectOperations } from "../objects/objectOperations";
import type { VaultDependencies } from "../vaultDependencies";
import { getSecret } from "./getSecret";
import { SECRET_DEFINITION } from "./secretDefinition";
import { setSecret } from "./setSecret";

/** The operations on secrets (REST reference, "Secrets"). */
export const secretOperations = (lifetimes: Lifetimes, deps: VaultDependencies): Operation[] =>
  applyDuePolicies(
    "secret",
    [setSecret(deps), ...getSecret(deps), ...objectOperations(SECRET_DEFINITION, deps)],
    lifetimes,
    deps,
  );
