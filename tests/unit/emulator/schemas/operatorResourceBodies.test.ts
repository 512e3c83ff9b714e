import { TENANT } from "../../../cast/armHarness";
import { type BodyRoute, describeBodies } from "../../../cast/bodyRoutes";
import { exampleBody } from "../../../cast/exampleBody";
import { GROUP, type ManagedVault, managedVault } from "../../../cast/managedVault";

const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity-1`;
const IDENTITY_ID = `/subscriptions/${TENANT.subscriptionId}${IDENTITY}`;
const ACCOUNTS = `${GROUP}/providers/Microsoft.Storage/storageAccounts`;
const CONTAINER = `${ACCOUNTS}/account1/blobServices/default/containers/container-1`;
const APPS = `${GROUP}/providers/Microsoft.App`;
const ENVIRONMENT = `${APPS}/managedEnvironments/environment-1`;

const TRACKED = {
  location: "westeurope",
  tags: { a: "1" },
  identity: {
    type: "UserAssigned",
    principalId: "a",
    tenantId: "a",
    userAssignedIdentities: { [IDENTITY_ID]: { clientId: "a", principalId: "a" } },
  },
};
const IDENTITY_NEEDS = ["identity.type", `identity.userAssignedIdentities.${IDENTITY_ID}`];

const code = (field: string) => (/^\.?location$/.test(field) ? "LocationRequired" : "InvalidRequestContent");

describe("bodies of the requests for storage accounts and container apps", () => {
  let managed: ManagedVault;
  before(async () => {
    managed = await managedVault({});
    await managed.manage("PUT", IDENTITY, { location: "westeurope" });
    const account = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };
    await managed.manage("PUT", `${ACCOUNTS}/account1`, { ...account, properties: { allowBlobPublicAccess: true } });
    await managed.manage("PUT", CONTAINER, {});
    const vnetConfiguration = { infrastructureSubnetId: "/a" };
    await managed.manage("PUT", ENVIRONMENT, { location: "westeurope", properties: { vnetConfiguration } });
  });
  after(() => managed.close());

  const to =
    (method: string, path: string): BodyRoute["send"] =>
    async (body) => {
      const sent = typeof body === "string" ? JSON.stringify(body) : body;
      const response = await managed.manage(method, path, sent);
      const { error } = response.body as { error?: { code: unknown } };
      return { status: response.status, code: error?.code };
    };
  const environmentId = `/subscriptions/${TENANT.subscriptionId}${ENVIRONMENT}`;

  describeBodies(
    [
      {
        schema: "storage.createAccount",
        send: to("PUT", `${ACCOUNTS}/account2`),
        example: () => exampleBody("storage.createAccount", TRACKED),
        code,
        needs: IDENTITY_NEEDS,
      },
      {
        schema: "storage.updateAccount",
        send: to("PATCH", `${ACCOUNTS}/account1`),
        example: () => exampleBody("storage.updateAccount", { ...TRACKED, "properties.allowBlobPublicAccess": true }),
        code,
        needs: IDENTITY_NEEDS,
      },
      {
        schema: "storage.container",
        send: to("PUT", CONTAINER),
        example: () => exampleBody("storage.container"),
        code,
      },
      {
        schema: "storage.immutabilityPolicy",
        send: to("PUT", `${CONTAINER}/immutabilityPolicies/default`),
        example: () => exampleBody("storage.immutabilityPolicy"),
        code,
        needs: ["properties.immutabilityPeriodSinceCreationInDays"],
      },
      {
        schema: "containerApps.managedEnvironment",
        send: to("PUT", `${APPS}/managedEnvironments/environment-2`),
        example: () => exampleBody("containerApps.managedEnvironment", TRACKED),
        code,
        needs: IDENTITY_NEEDS,
      },
      {
        schema: "containerApps.containerApp",
        send: to("PUT", `${APPS}/containerApps/app-1`),
        example: () =>
          exampleBody("containerApps.containerApp", {
            ...TRACKED,
            "properties.environmentId": environmentId,
            "properties.managedEnvironmentId": environmentId,
            "properties.template.containers.0.resources": { cpu: 0.5, gpu: 0, memory: "1Gi" },
          }),
        code,
        needs: [
          ...IDENTITY_NEEDS,
          "properties.environmentId",
          "properties.template.containers.0.image",
          "properties.template.containers.0.resources.cpu",
          "properties.template.containers.0.resources.memory",
          "properties.configuration.secrets.0.name",
          "properties.configuration.secrets.0.value",
        ],
      },
      {
        schema: "containerApps.job",
        send: to("PUT", `${APPS}/jobs/job-1`),
        example: () =>
          exampleBody("containerApps.job", {
            ...TRACKED,
            "properties.environmentId": environmentId,
            "properties.configuration.triggerType": "Manual",
            "properties.template.containers.0.resources": { cpu: 0.5, gpu: 0, memory: "1Gi" },
          }),
        code,
        needs: [
          ...IDENTITY_NEEDS,
          "properties.environmentId",
          "properties.template.containers.0.image",
          "properties.template.containers.0.resources.cpu",
          "properties.template.containers.0.resources.memory",
          "properties.configuration.secrets.0.name",
          "properties.configuration.secrets.0.value",
        ],
      },
    ],
    () => managed.contents(),
  );
});
