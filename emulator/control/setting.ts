import type { Operation, Request } from "../kernel/operation";

/** A setting of the local Azure: GET returns it; POST changes it and returns it. `set` throws 400 and changes nothing. */
export const setting = (
  name: string,
  path: string,
  get: () => object,
  set: (request: Request) => void,
): Operation[] => [
  { name: `Get${name}`, method: "GET", path, handle: () => ({ status: 200, body: get() }) },
  {
    name: `Set${name}`,
    method: "POST",
    path,
    handle(request) {
      set(request);
      return { status: 200, body: get() };
    },
  },
];
