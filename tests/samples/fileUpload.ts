// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from docs/local-azure/iot-hub.md.
import type { Output } from "@pulumi/pulumi";
import { IotHub } from "azure-iot-zero-touch";

declare const resourceGroupName: Output<string>;
declare const location: string;
declare const connectionString: string;
{
new IotHub("hub", {
  resourceGroupName,
  location,
  minimumTls: "1.2",
  localAuth: "enabled",
  properties: {
    storageEndpoints: { $default: { connectionString, containerName: "uploads", sasTtlAsIso8601: "PT1H" } },
    enableFileUploadNotifications: true,
  },
});
}
