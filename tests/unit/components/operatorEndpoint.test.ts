import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { nameError } from "../../../azure/names";
import { containerAppName, storageAccountPrefix } from "../../../components/naming";
import { OperatorEndpoint, type OperatorEndpointArgs } from "../../../components/operatorEndpoint";
import { POLICIES, schemaOf } from "../../../policy/policies";
import type { Rule } from "../../../policy/policyRule";

const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  "azure-native:resources:ResourceGroup": { name: "rg-op" },
  "azure-native:managedidentity:UserAssignedIdentity": { principalId: "principal-1", clientId: "client-1" },
  "azure-native:storage:StorageAccount": { name: "lineop1" },
  "azure-native:app:ContainerApp": { configuration: { ingress: { fqdn: "app.internal.example" } } },
};

const GROUP = "/subscriptions/s-1/resourceGroups/rg-1";
const ARGS: OperatorEndpointArgs = {
  location: "westeurope",
  environmentId: GROUP,
  hubId: `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`,
  provisioningServiceId: `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`,
  tags: { environment: "prod" },
};
const CONTAINERS = {
  image: "registry.example.com/operator:1.0",
  registry: "registry.example.com",
  subnetId: `${GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/operators`,
  keyVaultId: `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-1`,
  backendUrl: "azblob://state?storage_account=teamstate",
  administratorKey: "ssh-ed25519 AAAA alice",
};

const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

describe("the operator endpoint, against recorded resources", function () {
  this.timeout(120_000);
  const made: MockResourceArgs[] = [];
  const endpoint = async (args: OperatorEndpointArgs) => {
    const summary = await resolved(new OperatorEndpoint("line", args).summary);
    await pulumi.runtime.disconnect();
    const inputs = (name: string) => made.find((each) => each.name === name)?.inputs ?? {};
    return { summary, inputs, types: made.map(({ type }) => type.split(":").at(-1)) };
  };
  const roles = () =>
    made
      .filter(({ type }) => type.endsWith(":RoleAssignment"))
      .map(({ inputs }) => [inputs.scope, inputs.roleDefinitionId.split("/").at(-1), inputs.principalId]);

  before(() =>
    pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          return {
            id: `/id-of-${args.name}`,
            state: { name: args.inputs.containerName, ...args.inputs, ...OUTPUTS[args.type] },
          };
        },
        call: () => ({ subscriptionId: "s-1", tenantId: "t-1", objectId: "me", clientId: "app" }),
      },
      "azure-iot-zero-touch",
      "dev",
      false,
      "organization",
    ),
  );
  beforeEach(() => {
    made.length = 0;
  });

  it("creates an identity, a store, and a container of immutable transcripts", async () => {
    const { summary, inputs, types } = await endpoint(ARGS);
    assert.deepEqual(summary, {
      store: "https://lineop1.blob.core.windows.net/operator-store",
      transcripts: "https://lineop1.blob.core.windows.net/operator-transcripts",
      clientId: "client-1",
      instances: [],
    });
    assert.ok(!types.includes("ContainerApp"));
    const account = inputs("lineop");
    assert.deepEqual(
      [account.allowSharedKeyAccess, account.allowBlobPublicAccess, account.minimumTlsVersion, account.sku.name],
      [false, false, "TLS1_2", "Standard_ZRS"],
    );
    const policy = inputs("line-operator-immutability");
    assert.deepEqual(
      [policy.containerName, policy.immutabilityPeriodSinceCreationInDays, policy.allowProtectedAppendWrites],
      ["operator-transcripts", 365, false],
    );
  });

  it("gives the identity exactly the roles that it needs", async () => {
    await endpoint(ARGS);
    assert.deepEqual(roles().sort(), [
      ["/id-of-line-operator-rg", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "principal-1"],
      ["/id-of-line-operator-store", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "principal-1"],
      ["/id-of-line-operator-transcripts", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "principal-1"],
      [ARGS.environmentId, "b24988ac-6180-42a0-ab88-20f7382dd24c", "principal-1"],
      [ARGS.hubId, "4fc6c259-987e-4a07-842e-c321cc9d413f", "principal-1"],
      [ARGS.provisioningServiceId, "dfce44e4-17b7-4bd1-a6d1-04996ec95633", "principal-1"],
    ]);
  });

  it("runs three instances, each with its own keys and port, in a private network", async () => {
    const { summary, inputs } = await endpoint({ ...ARGS, containers: CONTAINERS });
    assert.deepEqual(
      summary.instances,
      [2222, 2223, 2224].map((port) => `app.internal.example:${port}`),
    );
    assert.deepEqual(inputs("line-operator-environment").vnetConfiguration, {
      infrastructureSubnetId: CONTAINERS.subnetId,
      internal: true,
    });
    const { configuration, template, identity } = inputs("line-operator-zt02");
    assert.deepEqual(identity.userAssignedIdentities, ["/id-of-line-operator-identity"]);
    assert.deepEqual(configuration.secrets, [
      {
        name: "host-key",
        keyVaultUrl: "https://kv-1.vault.azure.net/secrets/operator-zt02-host-key",
        identity: "/id-of-line-operator-identity",
      },
      {
        name: "instance-key",
        keyVaultUrl: "https://kv-1.vault.azure.net/secrets/operator-zt02-instance-key",
        identity: "/id-of-line-operator-identity",
      },
    ]);
    assert.deepEqual(template.scale, { minReplicas: 1, maxReplicas: 1 });
    const env = template.containers[0].env as { name: string; value: string }[];
    assert.deepEqual(Object.fromEntries(env.map(({ name, value }) => [name, value])), {
      OPERATOR_INSTANCE: "zt02",
      OPERATOR_PORT: "2222",
      OPERATOR_STACK: "dev",
      OPERATOR_STORE: "https://lineop1.blob.core.windows.net/operator-store",
      OPERATOR_TRANSCRIPTS: "https://lineop1.blob.core.windows.net/operator-transcripts",
      OPERATOR_ADMINISTRATOR_KEY: CONTAINERS.administratorKey,
      OPERATOR_AUTHORITY: "",
      PULUMI_BACKEND_URL: CONTAINERS.backendUrl,
      AZURE_CLIENT_ID: "client-1",
      ARM_USE_MSI: "true",
      ARM_CLIENT_ID: "client-1",
      ARM_SUBSCRIPTION_ID: "s-1",
      ARM_TENANT_ID: "t-1",
    });
    assert.ok(roles().some(([scope, role]) => scope === CONTAINERS.keyVaultId && role?.startsWith("4633458b")));
  });

  it("follows every policy of the pack", async () => {
    await endpoint({ ...ARGS, containers: CONTAINERS });
    for (const { name, rule, ...entry } of POLICIES) {
      const defaults = Object.entries(schemaOf({ name, rule, ...entry }).properties ?? {}).map(([key, schema]) => [
        key,
        typeof schema === "object" ? schema.default : undefined,
      ]);
      for (const resource of made.filter(({ name: each }) => each !== "line-operator-rg")) {
        const subject = { type: resource.type, name: resource.name, props: resource.inputs, isProtected: true };
        assert.deepEqual(
          (rule as Rule<unknown>)(subject, Object.fromEntries(defaults)),
          [],
          `${name}: ${resource.name}`,
        );
      }
    }
  });

  it("is in the program by a configuration key, and not by default", async () => {
    const config = { cloud: "public", protect: "true", operatorRetentionDays: "30", groupDevices: "[]" };
    const outputsWith = async (more: Record<string, string>) => {
      made.length = 0;
      const own = Object.entries({ ...config, ...more }).map(([key, value]) => [`azure-iot-zero-touch:${key}`, value]);
      pulumi.runtime.setAllConfig(Object.fromEntries([...own, ["azure-native:location", "westeurope"]]));
      const { ZERO_TOUCH_CLOUD: cloud } = process.env;
      delete process.env.ZERO_TOUCH_CLOUD;
      try {
        const program = require("../../../index") as () => Promise<Record<string, pulumi.Output<unknown>>>;
        return await program();
      } finally {
        if (cloud !== undefined) process.env.ZERO_TOUCH_CLOUD = cloud;
        await pulumi.runtime.disconnect();
      }
    };
    assert.equal((await outputsWith({})).operatorEndpoint, undefined);
    assert.ok(!made.some(({ name }) => name.includes("operator")));
    const { operatorEndpoint } = await outputsWith({ operatorEndpoint: "storage" });
    assert.ok(operatorEndpoint !== undefined);
    const policy = made.find(({ name }) => name === "zero-touch-operator-immutability");
    assert.equal(policy?.inputs.immutabilityPeriodSinceCreationInDays, 30);
  });

  it("names container apps by Azure's rule, with room for eight digits", () => {
    assert.equal(containerAppName("zero-touch", "zt01"), "zero-touch-operator-zt01");
    for (const prefix of ["A", "9-lines", "a-very-long-prefix-of-thirty-x", "line-one--", "UPPER_case.x"]) {
      const name = `${containerAppName(prefix, "zt01")}12345678`;
      assert.equal(nameError("containerApp", name), undefined, name);
    }
  });

  it("names a storage account by Azure's rule, with room for eight digits", () => {
    for (const prefix of ["zero-touch", "A", "a-very-long-prefix-of-thirty-x"]) {
      assert.match(`${storageAccountPrefix(prefix)}12345678`, /^[a-z0-9]{3,24}$/);
    }
  });
});
