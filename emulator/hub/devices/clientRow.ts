import type { Columns } from "../../kernel/database";
import type { DeviceKey } from "../../kernel/deviceKey";

/** Returns the table and the key of the row with the identity and the twin of a device or a module. */
export const clientRow = (hub: string, { deviceId, moduleId }: DeviceKey): readonly [string, Columns] =>
  moduleId === undefined
    ? ["hub_device", { hub, device_id: deviceId }]
    : ["hub_module", { hub, device_id: deviceId, module_id: moduleId }];
