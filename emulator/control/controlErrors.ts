import { WireError } from "../kernel/operation";

/** An error of the control listener, in ARM's form. */
export const controlError = (status: number, code: string, message: string): WireError =>
  new WireError(status, { error: { code, message } });

/** An invalid request. */
export const badRequest = (message: string): WireError => controlError(400, "BadRequest", message);
