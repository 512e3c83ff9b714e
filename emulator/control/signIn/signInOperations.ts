import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { mintIdToken } from "./mintIdToken";
import { getSignIn, setSignIn } from "./setSignIn";

/** The credentials of the application, and tokens of the identity provider. */
export const signInOperations = (deps: Pick<ControlDependencies, "application" | "issuer">): Operation[] =>
  [getSignIn, setSignIn, mintIdToken].map((operation) => operation(deps));
