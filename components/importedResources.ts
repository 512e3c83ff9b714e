import * as pulumi from "@pulumi/pulumi";

/** By resource type, the properties that an import reads and the components set otherwise. */
const IMPORTED_PROPERTIES: Readonly<Record<string, string[]>> = {
  "azure-native:resources:ResourceGroup": ["tags", "managedBy"],
  "azure-native:iothub:IotHubResource": ["properties", "tags", "identity"],
  "azure-native:deviceprovisioningservices:IotDpsResource": [
    "properties",
    "tags",
    "identity",
    "resourcegroup",
    "subscriptionid",
  ],
};

/** Keeps the properties and tags of an imported resource group, hub and provisioning service as they are in Azure. */
export const keepImportedProperties: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  const ignoreChanges = IMPORTED_PROPERTIES[type];
  return ignoreChanges && { props, opts: pulumi.mergeOptions(opts, { ignoreChanges }) };
};
