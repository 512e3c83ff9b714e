import type { ConformanceRequest } from "./conformanceRow";

const apiVersion = "2021-04-12";

/** A request to the service API of a hub. */
export const request = (method: string, path: string, body?: unknown, ifMatch?: string): ConformanceRequest => ({
  method,
  path,
  apiVersion,
  body,
  headers: ifMatch === undefined ? undefined : { "if-match": ifMatch },
});
export const get = (path: string): ConformanceRequest => request("GET", path);
export const putDevice = (deviceId: string, more: object = {}): ConformanceRequest =>
  request("PUT", `/devices/${deviceId}`, { deviceId, ...more });
export const putModule = (moduleId: string, more: object = {}, ifMatch?: string): ConformanceRequest =>
  request("PUT", `/devices/dev-1/modules/${moduleId}`, { deviceId: "dev-1", moduleId, ...more }, ifMatch);
/** Status and name of a refusal. */
export const failure = (status: number, name: string) => ({
  status,
  headers: { "iothub-errorcode": new RegExp(`^${name}$`) },
});

/** A token of Entra ID, in place of the signature that requests have else. */
export const ENTRA = { authorization: "Bearer good@https://iothubs.azure.net" };
