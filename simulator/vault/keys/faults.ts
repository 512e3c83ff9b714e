import { WireError } from "../../kernel/call";

/** A Key Vault error as the data plane writes it. */
function fault(status: number, code: string, message: string, inner?: string): WireError {
  return new WireError(status, {
    error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) },
  });
}

/** 400 for what is said in a request. */
export const badParameter = (message: string, inner?: string): WireError => fault(400, "BadParameter", message, inner);

/** 403 for what this key does not allow, whoever asks. */
export const forbidden = (message: string, inner: string): WireError => fault(403, "Forbidden", message, inner);
