import type { Operation } from "../../kernel/operation";
import type { EntraDependencies } from "../entraDependencies";
import { issueToken } from "./issueToken";

/** Sign-in of applications. */
export const tokenOperations = (deps: EntraDependencies): Operation[] =>
  [issueToken("v2"), issueToken("v1")].map((operation) => operation(deps));
