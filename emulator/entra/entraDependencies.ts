import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { AccessTokens } from "./accessTokens";
import type { Application } from "./application";
import type { OidcIssuer } from "./oidcIssuer";

/** What Entra's operations depend on. */
export interface EntraDependencies extends Pick<SharedDependencies, "clock" | "ids"> {
  /** Issues and validates access tokens; holds the tenant and the signing key. */
  readonly tokens: AccessTokens;
  /** The tenant's one application, as far as it signs in. */
  readonly application: Pick<Application, "certificates" | "federatedCredentials">;
  /** The identity provider outside of Azure. */
  readonly issuer: Pick<OidcIssuer, "signed">;
}
