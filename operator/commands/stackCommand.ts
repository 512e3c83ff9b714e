/** What the commands on the stack share: parameters, and the checks of their values. */
import { nameError } from "../../azure/names";
import { OperatorError } from "../operatorError";
import type { CommandParameter, ParameterValues } from "./operatorCommand";

/** A text parameter; undefined if it is not given. */
export function textParameter(parameters: ParameterValues, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A whole number; undefined if it is not given. */
export function numberParameter(parameters: ParameterValues, name: string): number | undefined {
  const value = parameters[name];
  return typeof value === "number" ? value : undefined;
}

/** Whether a switch is given. */
export const switchParameter = (parameters: ParameterValues, name: string): boolean => parameters[name] === true;

/** A registration or enrollment group ID. */
export const ID_PATTERN = /^[A-Za-z0-9\-._:]{1,128}$/;

/** `-RegistrationId`, with a device's registration ID. */
export const registrationId = (more: Partial<CommandParameter> = {}): CommandParameter => ({
  name: "RegistrationId",
  type: "String",
  about: "Registration ID: up to 128 letters, digits and - . _ :, ending in a letter, digit or dash.",
  pattern: ID_PATTERN,
  ...more,
});

/** Refuses an ID that breaks Azure's rule. Errors: ParameterInvalid. */
export function checkId(kind: "registrationId" | "enrollmentGroupId", parameter: string, id: string): void {
  const rule = nameError(kind, id);
  if (rule === undefined) return;
  throw new OperatorError("ParameterInvalid", `-${parameter} ${JSON.stringify(id)}: ${rule}.`, "correct the ID");
}
