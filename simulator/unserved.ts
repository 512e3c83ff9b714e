import { type Call, WireError } from "./kernel/call";
import type { ServiceFace } from "./kernel/service";

/** Hosts of Azure that the local Azure knows by name and does not simulate: a loud 501 for whatever is asked of them. */
export function unservedFace(): ServiceFace {
  const error = (status: number, code: string, message: string) => new WireError(status, { error: { code, message } });
  return {
    name: "unserved",
    operations: [],
    headers: () => ({}),
    notFound: (call: Call) =>
      error(
        501,
        "NotSimulated",
        `The local Azure does not simulate ${call.host}. See docs/local-azure.md for what it does.`,
      ),
    badBody: () => error(400, "BadRequest", "The request cannot be read."),
    internal: () => error(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
