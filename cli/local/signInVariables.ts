import type { Ready } from "./readyFile";

/** How programs sign in at the local Azure, as teams do at Azure; `none` leaves it to the user (az login). */
export const SIGN_IN_WAYS = ["secret", "certificate", "oidc", "managed-identity", "none"] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** Every variable that says how to sign in: those of another way would be found first, or beside. */
export const SIGN_IN_VARIABLES = [
  "ARM_CLIENT_ID",
  "ARM_CLIENT_SECRET",
  "ARM_CLIENT_CERTIFICATE_PATH",
  "ARM_CLIENT_CERTIFICATE_PASSWORD",
  "ARM_USE_OIDC",
  "ARM_OIDC_TOKEN",
  "ARM_OIDC_TOKEN_FILE_PATH",
  "ARM_OIDC_REQUEST_TOKEN",
  "ARM_OIDC_REQUEST_URL",
  "ARM_USE_MSI",
  "ARM_MSI_ENDPOINT",
  "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "AZURE_USERNAME",
  "AZURE_PASSWORD",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_TOKEN_CREDENTIALS",
  "ACTIONS_ID_TOKEN_REQUEST_URL",
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "IDENTITY_SERVER_THUMBPRINT",
  "MSI_ENDPOINT",
  "MSI_SECRET",
  "IMDS_ENDPOINT",
  "AZURE_POD_IDENTITY_AUTHORITY_HOST",
] as const;

/** What the ways are made from. */
export type SignInFacts = Pick<
  Ready,
  | "tenantId"
  | "subscriptionId"
  | "clientId"
  | "clientSecret"
  | "machineUrl"
  | "identitySecret"
  | "clientCertificateFile"
> & {
  /** File with a token of the identity provider, for the way `oidc`. */
  readonly federatedTokenFile: string;
};

/** Variables for azure-native and for the Azure SDKs: the same facts under both spellings. */
function both(facts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => [
      [`ARM_${name}`, value],
      [`AZURE_${name}`, value],
    ]),
  );
}

/** The variables of one way. Pure. No way but `secret` sets a secret of the application. */
export function signInVariables(way: SignInWay, facts: SignInFacts): Readonly<Record<string, string>> {
  const where = both({ TENANT_ID: facts.tenantId, SUBSCRIPTION_ID: facts.subscriptionId });
  const who = both({ CLIENT_ID: facts.clientId });
  switch (way) {
    case "secret":
      return { ...where, ...who, ...both({ CLIENT_SECRET: facts.clientSecret }) };
    case "certificate":
      return { ...where, ...who, ...both({ CLIENT_CERTIFICATE_PATH: facts.clientCertificateFile }) };
    case "oidc":
      return {
        ...where,
        ...who,
        ARM_USE_OIDC: "true",
        ACTIONS_ID_TOKEN_REQUEST_URL: `${facts.machineUrl}/github/id-token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: facts.identitySecret,
        AZURE_FEDERATED_TOKEN_FILE: facts.federatedTokenFile,
      };
    case "managed-identity":
      return {
        ...where,
        ARM_USE_MSI: "true",
        IDENTITY_ENDPOINT: `${facts.machineUrl}/msi/token`,
        IDENTITY_HEADER: facts.identitySecret,
      };
    case "none":
      return where;
  }
}
