import type { Request } from "../kernel/operation";
import type { EntraDependencies } from "./entraDependencies";
import { entraError } from "./entraErrors";

/** Names that match any tenant: for discovery only, as in Entra. */
const ANY_TENANT: ReadonlySet<string> = new Set(["common", "organizations"]);

/** Throws Entra's 90002 when the path names another tenant. */
export function checkTenant(request: Request, deps: Pick<EntraDependencies, "clock" | "ids" | "tokens">): void {
  const { tenantId } = deps.tokens.tenant;
  const name = (request.params.tenant ?? "").toLowerCase();
  if (name === tenantId || (ANY_TENANT.has(name) && request.method === "GET")) return;
  const error = request.method === "GET" ? "unknownTenantOfDiscovery" : "unknownTenant";
  throw entraError(error, `Tenant '${name}' not found. The local Azure has one tenant: ${tenantId}.`, deps);
}
