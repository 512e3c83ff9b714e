import { LOGIN_HOST, LOGIN_HOST_LEGACY } from "../../../azure/hosts";
import type { Operation } from "../../kernel/operation";
import type { EntraDependencies } from "../entraDependencies";
import { authorityOf } from "./clientAuthority";

const ALIASES = [LOGIN_HOST, LOGIN_HOST_LEGACY, "login.microsoft.com", "sts.windows.net"];

/** Entra's instance discovery: the host names of the cloud. */
export const discoverInstance = ({ tokens: { tenant } }: EntraDependencies): Operation => ({
  name: "InstanceDiscovery",
  method: "GET",
  path: "/common/discovery/instance",
  handle: (request) => ({
    status: 200,
    body: {
      tenant_discovery_endpoint: `https://${authorityOf(request)}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: LOGIN_HOST, preferred_cache: LOGIN_HOST_LEGACY, aliases: ALIASES }],
    },
  }),
});
