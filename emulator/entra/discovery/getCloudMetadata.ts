import { ARM_HOST, LOGIN_HOST, VAULT_SUFFIX } from "../../../azure/hosts";
import type { Operation, Request } from "../../kernel/operation";
import type { EntraDependencies } from "../entraDependencies";
import type { Tenant } from "../tenant";
import { authorityOf, isOwnAddress } from "./clientAuthority";

/** The description of a cloud, as `az cloud` and azure-native read it. */
function cloud(request: Request, tenant: Tenant): Readonly<Record<string, unknown>> {
  const own = isOwnAddress(request);
  const arm = `https://${own ? authorityOf(request) : ARM_HOST}/`;
  return {
    name: "AzureCloud",
    portal: "https://portal.azure.com",
    authentication: {
      loginEndpoint: `https://${own ? authorityOf(request) : LOGIN_HOST}/`,
      audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
      tenant: own ? tenant.tenantId : "common",
      identityProvider: "AAD",
    },
    resourceManager: arm,
    graph: "https://graph.windows.net/",
    graphAudience: "https://graph.windows.net/",
    microsoftGraphResourceId: "https://graph.microsoft.com/",
    suffixes: {
      keyVaultDns: VAULT_SUFFIX,
      storage: "core.windows.net",
      acrLoginServer: "azurecr.io",
      sqlServerHostname: "database.windows.net",
    },
  };
}

/** The clouds: 2019-05-01 returns a list, 2022-09-01 the one cloud (as az and azure-native read them). */
export const getCloudMetadata = ({ tokens: { tenant } }: EntraDependencies): Operation => ({
  name: "CloudMetadata",
  method: "GET",
  path: "/metadata/endpoints",
  handle(request) {
    const body = cloud(request, tenant);
    const isList = (request.query.get("api-version") ?? "") < "2022";
    return { status: 200, body: isList ? [body] : body };
  },
});
