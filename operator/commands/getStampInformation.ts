import type { StackResource } from "../stack/operatorStack";
import type { StackDependencies } from "../stack/stackDependencies";
import { authoritiesOf, dynamicResources, listOf, outputsOf, textOf } from "../stack/stampInformation";
import type { OperatorCommand } from "./operatorCommand";
import { outlineText } from "./outlineText";

/** ARM resources of a type, by name. */
const armResources = (resources: readonly StackResource[], type: string) =>
  resources.filter((each) => each.type === `azure-native:${type}`);

const subscriptionOf = (id: string | undefined): string => /^\/subscriptions\/([^/]+)/.exec(id ?? "")?.[1] ?? "";

/** Get-StampInformation: the stack, its Azure resources, its certificate authorities and their expiry. */
export const getStampInformation = ({ stack }: StackDependencies): OperatorCommand => ({
  name: "Get-StampInformation",
  about:
    "Shows the stack: cloud, resource group, hubs, provisioning service, certificate authorities and their expiry.",
  parameters: [],
  role: "operator",
  example: "Get-StampInformation",
  async run(_parameters, context) {
    const resources = await stack.resources();
    const outputs = outputsOf(resources);
    const configuration = await stack.configuration();
    const [lastUpdate] = await stack.history(1);
    const group = armResources(resources, "resources:ResourceGroup")[0];
    const now = context.clock.now();
    const value = {
      stack: stack.name,
      cloud: configuration.cloud,
      subscriptionId: subscriptionOf(group?.id),
      resourceGroup: outputs.resourceGroupName,
      location: group?.outputs.location,
      hubs: armResources(resources, "iothub:IotHubResource").map(({ outputs: hub }) => ({
        name: hub.name,
        location: hub.location,
        sku: hub.sku,
      })),
      hubHostName: outputs.hubHostName,
      provisioningService: {
        name: outputs.provisioningServiceName,
        idScope: outputs.idScope,
        serviceEndpoint: outputs.serviceEndpoint,
        globalEndpoint: outputs.globalEndpoint,
      },
      certificateAuthorities: authoritiesOf(resources, configuration, now).map((authority) => ({
        generation: authority.generation,
        isIssuing: authority.isIssuing,
        isRootVerified: authority.isRootVerified,
        keys: authority.rootKeyId === undefined ? "state" : "keyVault",
        root: authority.root,
        intermediate: authority.intermediate,
      })),
      enrollmentGroups: outputs.enrollmentGroups,
      individualEnrollments: dynamicResources(resources, "IndividualEnrollment").map(({ outputs: enrollment }) => ({
        registrationId: textOf(enrollment, "registrationId"),
        provisioningStatus: enrollment.provisioningStatus,
      })),
      enrollmentList: outputs.enrollmentList,
      devices: outputs.devices,
      keyVault: outputs.keyVault,
      revoked: listOf(configuration, "revoked"),
      lastUpdate,
    };
    return { value, text: outlineText(value) };
  },
});
