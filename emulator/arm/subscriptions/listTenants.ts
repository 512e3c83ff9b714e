import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";

/** The one tenant, as a list. */
export const listTenants = ({ tenantId }: ArmDependencies): Operation => ({
  name: "Tenants_List",
  method: "GET",
  path: "/tenants",
  handle: () => ({
    status: 200,
    body: { value: [{ id: `/tenants/${tenantId}`, tenantId, displayName: "Local Azure", tenantCategory: "Home" }] },
  }),
});
