/** A device of a hub, or one of its modules. */
export interface DeviceKey {
  /** Case-sensitive. */
  readonly deviceId: string;
  /** Case-sensitive. Undefined for the device itself. */
  readonly moduleId?: string;
}
