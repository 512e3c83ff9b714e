import type { AccessTokens } from "../entra/accessTokens";
import type { OidcIssuer } from "../entra/oidcIssuer";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** What the machine's identity endpoints depend on. */
export interface MachineDependencies extends Pick<SharedDependencies, "clock" | "switches"> {
  readonly tokens: AccessTokens;
  readonly issuer: OidcIssuer;
  /** App Service's IDENTITY_HEADER, and GitHub's ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly identitySecret: string;
}
