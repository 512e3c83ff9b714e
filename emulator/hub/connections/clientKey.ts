import type { DeviceKey } from "../../kernel/deviceKey";

/** A device or a module, with its hub: what has a twin, a queue of messages and a connection of its own. */
export interface ClientKey extends DeviceKey {
  /** The key of the hub's directory record. */
  readonly hub: string;
}

/** The client's path in the hub, `devices/ID` or `devices/ID/modules/ID`: unique, as IDs have no slash. */
export const clientPath = ({ deviceId, moduleId }: DeviceKey): string =>
  moduleId === undefined ? `devices/${deviceId}` : `devices/${deviceId}/modules/${moduleId}`;

/** Returns the client of a {@link clientPath}. */
export function clientOfPath(hub: string, path: string): ClientKey {
  const [, deviceId = "", , moduleId] = path.split("/");
  return { hub, deviceId, moduleId };
}
