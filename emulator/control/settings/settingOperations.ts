import type { Operation } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { getSettings, setSettings } from "./setSettings";

/** The switches of the local Azure. */
export const settingOperations = (deps: ControlDependencies): Operation[] =>
  [getSettings, setSettings].map((operation) => operation(deps));
