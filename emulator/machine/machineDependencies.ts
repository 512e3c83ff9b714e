import type { AccessTokens } from "../entra/accessTokens";
import type { OidcIssuer } from "../entra/oidcIssuer";
import type { ManagedPrincipals } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** What the machine's identity endpoints depend on. */
export interface MachineDependencies extends Pick<SharedDependencies, "clock" | "switches" | "publicHost"> {
  readonly tokens: AccessTokens;
  readonly issuer: OidcIssuer;
  /** Lists the managed identities: the machine has every user-assigned one. */
  readonly directory: ManagedPrincipals;
  /** App Service's IDENTITY_HEADER, and GitHub's ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly identitySecret: string;
}
