import type { Application } from "../entra/application";
import type { Tenant } from "../entra/tenant";
import type { ManagedPrincipals, TokenValidator } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** What Graph's operations depend on. */
export interface GraphDependencies extends Pick<SharedDependencies, "clock" | "ids"> {
  readonly tokens: TokenValidator;
  readonly tenant: Tenant;
  /** Lists the managed identities' service principals. */
  readonly directory: ManagedPrincipals;
  /** The tenant's one application. */
  readonly application: Pick<Application, "certificates">;
}
