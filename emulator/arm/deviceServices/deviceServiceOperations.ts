import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { checkDeviceServiceName } from "./checkDeviceServiceName";
import { createOrUpdateDeviceService } from "./createOrUpdateDeviceService";
import { deleteDeviceService } from "./deleteDeviceService";
import type { DeviceServiceKind } from "./deviceServiceKind";
import { getDeviceService } from "./getDeviceService";
import { listDeviceServices, listDeviceServicesOfGroup } from "./listDeviceServices";
import { listKeys, listKeysForKeyName } from "./listKeys";
import { listValidSkus } from "./listValidSkus";
import { updateDeviceServiceTags } from "./updateDeviceServiceTags";

/** The operations that hubs and provisioning services have in common. */
export const deviceServiceOperations = (kind: DeviceServiceKind, deps: ArmDependencies): Operation[] =>
  [
    createOrUpdateDeviceService,
    getDeviceService,
    updateDeviceServiceTags,
    deleteDeviceService,
    listDeviceServicesOfGroup,
    listDeviceServices,
    listKeys,
    listKeysForKeyName,
    listValidSkus,
    checkDeviceServiceName,
  ].map((operation) => operation(kind)(deps));
