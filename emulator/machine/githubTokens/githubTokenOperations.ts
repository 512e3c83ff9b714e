import type { Operation } from "../../kernel/operation";
import type { MachineDependencies } from "../machineDependencies";
import { getGithubConfiguration } from "./getGithubConfiguration";
import { getGithubKeys } from "./getGithubKeys";
import { getGithubToken } from "./getGithubToken";

/** GitHub Actions' identity tokens. */
export const githubTokenOperations = (deps: MachineDependencies): Operation[] =>
  [getGithubToken, getGithubConfiguration, getGithubKeys].map((operation) => operation(deps));
