import { LOGIN_HOST } from "../../../azure/hosts";
import type { Request } from "../../kernel/operation";

/** The host and port by which the client reached the local Azure; URLs in the response use the same. */
export const authorityOf = (request: Request): string => request.headers.host ?? LOGIN_HOST;

/** Whether the client reached the local Azure under Azure's own name (through the proxy) or at its own address. */
export const isOwnAddress = (request: Request): boolean => /^(127\.0\.0\.1|localhost)$/.test(request.host);
