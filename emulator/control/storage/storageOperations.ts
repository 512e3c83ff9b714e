import type { StorageSetting } from "../../front/azurite";
import { type Operation, type Request, type Response, WireError } from "../../kernel/operation";

const badRequest = (message: string): WireError => new WireError(400, { error: { code: "BadRequest", message } });

/** `GET` and `POST /storage`: where Azurite listens, which stands behind the hosts of storage accounts. */
export function storageOperations(storage: StorageSetting): readonly Operation[] {
  const told = (): Response => ({ status: 200, body: { azurite: storage.azurite ?? null } });
  const set = ({ body }: Request): Response => {
    const { azurite } = (body ?? {}) as { azurite?: unknown };
    if (azurite !== null && typeof azurite !== "string") throw badRequest("'azurite' is an address, or null for none.");
    try {
      storage.set(azurite ?? undefined);
    } catch (error) {
      if (error instanceof TypeError) throw badRequest(`${error.message}.`);
      throw error;
    }
    return told();
  };
  return [
    { name: "GetStorage", method: "GET", path: "/storage", handle: told },
    { name: "SetStorage", method: "POST", path: "/storage", handle: set },
  ];
}
