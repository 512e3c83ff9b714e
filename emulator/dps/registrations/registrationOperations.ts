import type { Operation } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { deleteRegistration } from "./deleteRegistration";
import { getRegistration } from "./getRegistration";
import { queryRegistrations } from "./queryRegistrations";

/** The service API's operations on registrations. */
export const registrationOperations = (deps: DpsDependencies): Operation[] => [
  getRegistration(deps),
  deleteRegistration(deps),
  queryRegistrations(deps),
];
