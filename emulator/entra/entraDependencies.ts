import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { AccessTokens } from "./accessTokens";
import type { Application } from "./application";
import type { OidcIssuer } from "./oidcIssuer";

/** What Entra's operations depend on. */
export interface EntraDependencies extends Pick<SharedDependencies, "clock" | "ids"> {
  /** Issues and validates access tokens; has the tenant and the signing key. */
  readonly tokens: AccessTokens;
  /** The credentials of the tenant's one application. */
  readonly application: Pick<Application, "certificates" | "federatedCredentials">;
  /** The identity provider outside of Azure. */
  readonly issuer: Pick<OidcIssuer, "signed">;
}
