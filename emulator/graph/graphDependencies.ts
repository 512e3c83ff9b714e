import type { Application } from "../entra/application";
import type { Tenant } from "../entra/tenant";
import type { TokenJudge } from "../kernel/directory";
import type { Services } from "../kernel/services";

/** What Graph's operations depend on. */
export interface GraphDependencies extends Pick<Services, "clock" | "ids"> {
  readonly tokens: TokenJudge;
  readonly tenant: Tenant;
  /** The tenant's one application. */
  readonly application: Pick<Application, "certificates">;
}
