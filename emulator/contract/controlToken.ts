/** The header of requests to the control listener that carries `controlToken` of ready.json. */
export const CONTROL_TOKEN_HEADER = "x-local-azure-token";
