import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";

const get = ({ storage }: Pick<ControlDependencies, "storage">): Response => ({
  status: 200,
  body: { azurite: storage.azurite ?? null },
});

function set({ body }: Request, deps: Pick<ControlDependencies, "storage">): Response {
  const { azurite } = (body ?? {}) as { azurite?: unknown };
  if (azurite !== null && typeof azurite !== "string") throw badRequest("'azurite' is an address, or null for none.");
  try {
    deps.storage.set(azurite ?? undefined);
  } catch (error) {
    if (error instanceof TypeError) throw badRequest(`${error.message}.`);
    throw error;
  }
  return get(deps);
}

/** Returns the address of Azurite. */
export const getStorage = (deps: Pick<ControlDependencies, "storage">): Operation => ({
  name: "GetStorage",
  method: "GET",
  path: "/storage",
  handle: () => get(deps),
});

/** Sets or removes the address of Azurite. */
export const setStorage = (deps: Pick<ControlDependencies, "storage">): Operation => ({
  name: "SetStorage",
  method: "POST",
  path: "/storage",
  handle: (request) => set(request, deps),
});
