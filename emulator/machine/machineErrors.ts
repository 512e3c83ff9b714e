import { WireError } from "../kernel/operation";

/** Makes an error in the form of an endpoint. */
export type MachineError = (status: number, error: string, description: string) => WireError;

/** Errors of the Instance Metadata Service and of GitHub's endpoints. */
export const machineError: MachineError = (status, error, description) =>
  new WireError(status, { error, error_description: description });

/** Errors of App Service, as MSAL reads them. */
export const appServiceError: MachineError = (status, _error, message) =>
  new WireError(status, { statusCode: status, message });
