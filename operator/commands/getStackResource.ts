import { API_VERSIONS } from "../../azure/apiVersions";
import { OperatorError } from "../operatorError";
import type { AzureClients } from "../stack/azureClients";
import { withoutKeys } from "../stack/dataPlaneRequests";
import type { OperatorStack, StackResource } from "../stack/operatorStack";
import type { OperatorCommand } from "./operatorCommand";

/** The ARM api-version of the type in a resource ID, in lower case. */
const ARM_VERSIONS: Readonly<Record<string, string>> = Object.freeze({
  "microsoft.devices/provisioningservices": API_VERSIONS.provisioningServices,
  "microsoft.devices/iothubs": API_VERSIONS.iotHubs,
  "microsoft.keyvault/vaults": API_VERSIONS.vaults,
});

function armVersion({ id = "" }: StackResource): string | undefined {
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(id)) return API_VERSIONS.resourceGroups;
  const [, type] = /\/providers\/([^/]+\/[^/]+)\/[^/]+$/i.exec(id) ?? [];
  return ARM_VERSIONS[type?.toLowerCase() ?? ""];
}

/** Get-StackResource. */
export const getStackResource = ({
  stack,
  azure,
}: {
  readonly stack: Pick<OperatorStack, "resources">;
  readonly azure: Pick<AzureClients, "resource">;
}): OperatorCommand => ({
  name: "Get-StackResource",
  about:
    "Returns the inputs and outputs of a resource in the stack's state; without a name, a list of all. Secrets are [secret], also in an unlocked session: transcripts are kept and uploaded.",
  parameters: [
    {
      name: "Name",
      type: "String",
      about: "Name or URN of the resource.",
      position: 0,
      complete: async () => (await stack.resources()).map(({ name }) => name),
    },
    { name: "Live", type: "Switch", about: "Reads the resource from Azure Resource Manager, too." },
  ],
  role: "administrator",
  isUnlockedOnly: true,
  example: "Get-StackResource -Name zero-touch-dps -Live",
  async run({ Name: wanted, Live: isLive }) {
    const resources = await stack.resources();
    if (typeof wanted !== "string") return { value: resources.map(({ name, type, id }) => ({ name, type, id })) };
    const found = resources.filter(({ name, urn }) => name === wanted || urn === wanted);
    if (found.length === 0) {
      const remedy = "Get-StackResource without a name lists all resources";
      throw new OperatorError("NotFound", `The stack has no resource ${JSON.stringify(wanted)}.`, remedy);
    }
    const value = await Promise.all(
      found.map(async (each) => {
        const version = isLive === true ? armVersion(each) : undefined;
        return version === undefined
          ? each
          : { ...each, live: withoutKeys(await azure.resource(String(each.id), version)) };
      }),
    );
    return { value, text: JSON.stringify(value, undefined, 2) };
  },
});
