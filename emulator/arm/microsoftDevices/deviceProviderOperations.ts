import type { Operation } from "../../kernel/operation";

/** The resource types and their actions that `operations` lists. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = Object.freeze({
  IotHubs: ["Read", "Write", "Delete", "listkeys/Action"],
  "IotHubs/Certificates": ["Read", "Write", "Delete", "generateVerificationCode/Action", "verify/Action"],
  "IotHubs/eventHubEndpoints/consumerGroups": ["Read", "Write", "Delete"],
  ProvisioningServices: ["Read", "Write", "Delete", "listkeys/Action"],
  "ProvisioningServices/Certificates": ["Read", "Write", "Delete", "generateVerificationCode/Action", "verify/Action"],
});

const OPERATIONS = Object.entries(ACTIONS).flatMap(([resource, actions]) =>
  actions.map((action) => ({
    name: `Microsoft.Devices/${resource}/${action}`,
    display: { provider: "Microsoft Devices", resource, operation: action, description: `${action} of ${resource}` },
  })),
);

/** The operations of Microsoft.Devices (Azure REST API "Operations – List"): those of the emulated resource types. */
export const deviceProviderOperations = (): Operation[] => [
  {
    name: "Operations_List (Microsoft.Devices)",
    method: "GET",
    path: "/providers/Microsoft.Devices/operations",
    handle: () => ({ status: 200, body: { value: OPERATIONS } }),
  },
];
