/**
 * Error codes of IoT Hub, device and service APIs.
 * Source: Azure documentation "Understand and resolve Azure IoT Hub errors".
 */
import type { ExplanationTable } from "./explanation";

export const HUB_CODES: ExplanationTable = Object.freeze({
  "400001": {
    meaning: "The api-version is missing, or the hub does not know it (InvalidProtocolVersion).",
    remedy: "Send the api-version that Azure's documentation names, for example 2020-03-13.",
  },
  "400004": { meaning: "An argument is invalid.", remedy: "Check the device ID against the hub's rules for names." },
  "400006": {
    meaning: "The request is malformed (IotHubFormatError): its path, its headers or its body.",
    remedy: "Check the device ID in the path, and that the body is the JSON that the operation takes.",
  },
  "400008": {
    meaning: "The hub cannot use the blob container of an import or export (BlobContainerValidationError).",
    remedy: "Check the container's address, and that its signature allows reading, writing and deleting.",
  },
  "400011": {
    meaning: "A bulk request names a device twice (DeviceDefinedMultipleTimes).",
    remedy: "Name each device once.",
  },
  "400012": {
    meaning: "A line of an import is no device (DeserializationError).",
    remedy: "Correct the line that importErrors.log names.",
  },
  "400014": {
    meaning: "The hub has no storage for file uploads (DefaultStorageEndpointNotConfigured).",
    remedy: "Set `storageEndpoints.$default` of the hub: a connection string and a container.",
  },
  "400015": {
    meaning: "No upload of the device has this correlation ID (InvalidFileUploadCorrelationId).",
    remedy: "Send the correlation ID that the hub returned when the upload began, once.",
  },
  "400016": {
    meaning: "The signature of the upload has expired (ExpiredFileUploadCorrelationId).",
    remedy: "Begin the upload again, or raise `sasTtlAsIso8601` of the hub's storage.",
  },
  "400020": {
    meaning: "The storage refuses the hub, or does not have the blob (InvalidStorageEndpointOrBlob).",
    remedy:
      "Check that the container exists, that the connection string is current, and that the device has uploaded the file.",
  },
  "400022": {
    meaning: "The hub's storage for file uploads is misconfigured (InvalidStorageEndpointProperty).",
    remedy: "Check the connection string and the container of `storageEndpoints.$default`.",
  },
  "400028": {
    meaning: "The device scope belongs to no Edge device (InvalidDeviceScope).",
    remedy: "Take the scope of the parent, as its identity has it.",
  },
  "400301": {
    meaning: "A module cannot have modules (CannotRegisterModuleToModule).",
    remedy: "Register the module at the device.",
  },
  "400401": {
    meaning: "The target condition of the configuration is invalid (InvalidConfigurationTargetCondition).",
    remedy: "Test it as the condition of a twin query.",
  },
  "400402": {
    meaning: "The content of the configuration is invalid (InvalidConfigurationContent).",
    remedy: "Check its paths: desired properties of a device or a module, or the modules of an Edge device.",
  },
  "400403": {
    meaning: "The content of a configuration cannot change (CannotModifyImmutableConfigurationContent).",
    remedy: "Create another configuration with a higher priority.",
  },
  "400404": {
    meaning: "A metric of the configuration is no valid query (InvalidConfigurationCustomMetricsQuery).",
    remedy: "Test the query at the hub.",
  },
  "401001": {
    meaning: "The hub does not know the caller's credentials or does not exist (IotHubNotFound).",
    remedy: "Check the hub's name and that it is active; a hub made seconds ago may need a minute.",
  },
  "401002": {
    meaning:
      "The hub refuses the device's credentials (IotHubUnauthorizedAccess): it knows only the certificate the device " +
      "last registered with, and only while the device is enabled.",
    remedy: "Register the device again with its present certificate, and check that it is enabled in the hub.",
  },
  "401003": {
    meaning: "The hub refuses the caller (IotHubUnauthorized).",
    remedy: "Give the identity the role IoT Hub Data Contributor, or register the device again.",
  },
  "401100": {
    meaning: "The modules of the Edge runtime are the hub's own (SystemModuleModifyUnauthorizedAccess).",
    remedy: "Leave $edgeAgent and $edgeHub as they are.",
  },
  "403001": {
    meaning: "The hub is suspended.",
    remedy: "Look at the subscription's state and the hub's activity log.",
  },
  "403002": {
    meaning: "The hub's message quota of the day is used up.",
    remedy: "Raise hubUnits or hubSku, or wait for midnight UTC.",
  },
  "403003": {
    meaning: "Another import or export of the hub runs (JobQuotaExceeded).",
    remedy: "Wait until it ends, or cancel it.",
  },
  "403004": {
    meaning: "The device's queue of messages is full.",
    remedy: "Let the device receive or purge its messages.",
  },
  "403006": {
    meaning: "The device has ten uploads in progress (DeviceMaximumActiveFileUploadLimitExceeded).",
    remedy: "Notify the hub of each upload's end, or shorten `sasTtlAsIso8601` of the hub's storage.",
  },
  "404001": {
    meaning: "The hub has no such device.",
    remedy: "Run `pulumi refresh`: the next `pulumi up` registers the device again.",
  },
  "404002": {
    meaning: "The hub has no such job.",
    remedy: "List the jobs of the hub: it keeps ended ones for a time.",
  },
  "404010": { meaning: "The device has no such module.", remedy: "Check the module ID, or register the module." },
  "404103": { meaning: "The device is not connected.", remedy: "Let the device connect, then try again." },
  "404301": { meaning: "The hub has no such configuration.", remedy: "List the configurations of the hub." },
  "405001": {
    meaning: "The job runs or has ended, and such a job is not cancelled.",
    remedy: "Read the job, and cancel only one that is queued or scheduled.",
  },
  "409001": { meaning: "The device already exists in the hub.", remedy: "Choose another device ID, or delete it." },
  "409104": { meaning: "A job of this ID already exists.", remedy: "Choose another job ID." },
  "409301": {
    meaning: "The module already exists on the device.",
    remedy: "Choose another module ID, or delete the module.",
  },
  "409401": {
    meaning: "The configuration already exists.",
    remedy: "Choose another ID, or update it with its ETag.",
  },
  "412001": {
    meaning: "The device identity was changed by someone else (its ETag differs).",
    remedy: "Run `pulumi refresh`, then `pulumi up`.",
  },
  "412002": {
    meaning: "The lock of the message has expired (DeviceMessageLockLost).",
    remedy: "Receive the message again, and complete it within its lock time.",
  },
  "413001": { meaning: "The message is larger than 256 KB.", remedy: "Send less in one message." },
  "413002": { meaning: "The hub is full of devices.", remedy: "Delete devices, or create another hub." },
  "413003": { meaning: "A device has at most 50 modules.", remedy: "Delete modules of the device." },
  "413101": {
    meaning: "The hub is full of configurations.",
    remedy: "Delete configurations that nothing needs.",
  },
  "429001": {
    meaning: "The hub is throttling (ThrottlingException).",
    remedy: "Wait a minute and run `pulumi up` again, or raise hubUnits.",
  },
  "429004": {
    meaning:
      "The hub runs or schedules as many jobs as its tier has at the same time: one in F1 and S1, five in S2, ten in S3.",
    remedy: "Wait until a job ends, or cancel one that is scheduled.",
  },
  "500001": { meaning: "The hub failed on its own side.", remedy: "Run `pulumi up` again in a minute." },
  "501000": {
    meaning: "The local Azure does not emulate this; Azure's own hub may well do it.",
    remedy: "See what it does in docs/local-azure.md, or try it against a subscription.",
  },
  "502001": {
    meaning: "The device's response to a direct method is invalid (BadDeviceResponse).",
    remedy: "Let the device respond with a status and JSON.",
  },
  "503001": { meaning: "The hub is not available.", remedy: "Run `pulumi up` again in a minute." },
  "504101": {
    meaning: "The device did not respond to a direct method in time (GatewayTimeout).",
    remedy: "Check that the device is connected and handles the method, or give it more time.",
  },
});
