import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { wireIdentity } from "./identityBody";
import { LIST_LIMIT, readCount } from "./listCount";

/** `GET /devices?top=n`: at most 1,000. */
export const listDevices = (deps: HubDependencies): Operation => ({
  name: "Devices_GetDevices",
  method: "GET",
  path: "/devices",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    const top = readCount(request.query.get("top"), "top", LIST_LIMIT, deps.fail);
    return { status: 200, body: deps.identities.list(hub.key, top).map(wireIdentity) };
  },
});
