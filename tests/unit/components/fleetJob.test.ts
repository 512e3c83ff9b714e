import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { nameError } from "../../../azure/names";
import { readArguments } from "../../../cli/commandLine";
import { COMMAND_RULES } from "../../../cli/commandRules";
import { FleetJob, type FleetJobArgs } from "../../../components/fleetJob";
import { fleetJobName } from "../../../components/naming";
import { POLICIES, schemaOf } from "../../../policy/policies";
import type { Rule } from "../../../policy/policyRule";

const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  "azure-native:resources:ResourceGroup": { name: "rg-fl" },
  "azure-native:managedidentity:UserAssignedIdentity": { principalId: "principal-1", clientId: "client-1" },
  "azure-native:storage:StorageAccount": { name: "linefl1" },
  "azure-native:app:Job": { name: "line-fleet1" },
};

const VAULT = "/subscriptions/s-1/resourceGroups/rg-1/providers/Microsoft.KeyVault/vaults/kv-1";
const ARGS: FleetJobArgs = {
  location: "westeurope",
  idScope: "0ne1",
  image: "registry.example.com/fleet:1.0",
  shards: 8,
  devices: 10_000,
  issuerChain: "-----BEGIN CERTIFICATE-----",
  issuerKeyId: "https://kv-1.vault.azure.net/keys/line-1/0123",
  keyVaultId: VAULT,
  tags: { environment: "prod" },
};

describe("the fleet job, against recorded resources", function () {
  this.timeout(120_000);
  const made: MockResourceArgs[] = [];
  const inputs = (name: string) => made.find((each) => each.name === name)?.inputs ?? {};
  const job = async (args: FleetJobArgs) => {
    const { summary } = new FleetJob("line", args);
    const known = await new Promise((resolve) => {
      summary.apply(resolve);
    });
    await pulumi.runtime.disconnect();
    return known;
  };

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

  it("starts as many replicas as shards, on demand, and none by the deployment", async () => {
    assert.deepEqual(await job(ARGS), {
      job: "line-fleet1",
      resourceGroup: "rg-fl",
      store: "https://linefl1.blob.core.windows.net/fleet",
      clientId: "client-1",
    });
    const { configuration, identity } = inputs("line-fleet");
    assert.deepEqual(configuration, {
      triggerType: "Manual",
      manualTriggerConfig: { parallelism: 8, replicaCompletionCount: 8 },
      replicaRetryLimit: 3,
      replicaTimeout: 3600,
    });
    assert.deepEqual(identity.userAssignedIdentities, ["/id-of-line-fleet-identity"]);
  });

  it("runs the command that claims a shard, without a secret", async () => {
    await job(ARGS);
    const [container] = inputs("line-fleet").template.containers;
    const rule = COMMAND_RULES.fleet;
    assert.ok(rule);
    const { args, errors } = readArguments(rule, container.args);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      [args.text("store"), args.number("shards"), args.number("count"), args.text("prefix"), args.text("issuer-key")],
      ["https://linefl1.blob.core.windows.net/fleet", 8, 10_000, "fleet-", ARGS.issuerKeyId],
    );
    assert.deepEqual(container.env, [
      { name: "PROVISIONING_IDSCOPE", value: "0ne1" },
      { name: "FLEET_ISSUER", value: ARGS.issuerChain },
      { name: "AZURE_CLIENT_ID", value: "client-1" },
    ]);
  });

  it("gives the identity exactly the roles that it needs: on its container, and on the key that signs", async () => {
    await job(ARGS);
    const roles = made
      .filter(({ type }) => type.endsWith(":RoleAssignment"))
      .map(({ inputs: { scope, roleDefinitionId, principalId } }) => [
        scope,
        roleDefinitionId.split("/").at(-1),
        principalId,
      ]);
    assert.deepEqual(roles.sort(), [
      ["/id-of-line-fleet-store", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "principal-1"],
      [`${VAULT}/keys/line-1`, "12338af0-0e69-4776-bea7-57ae8d297424", "principal-1"],
    ]);
    const account = inputs("linefl");
    assert.deepEqual([account.allowSharedKeyAccess, account.allowBlobPublicAccess], [false, false]);
  });

  it("takes a registry and a subnet", async () => {
    await job({ ...ARGS, registry: "line.azurecr.io", subnetId: "/subnets/one" });
    assert.deepEqual(inputs("line-fleet").configuration.registries, [
      { server: "line.azurecr.io", identity: "/id-of-line-fleet-identity" },
    ]);
    assert.deepEqual(inputs("line-fleet-environment").vnetConfiguration, {
      infrastructureSubnetId: "/subnets/one",
      internal: true,
    });
  });

  it("follows every policy of the pack, in a subnet", async () => {
    await job({ ...ARGS, subnetId: "/subnets/one" });
    for (const { name, rule, ...entry } of POLICIES) {
      const defaults = Object.entries(schemaOf({ name, rule, ...entry }).properties ?? {}).map(([key, schema]) => [
        key,
        typeof schema === "object" ? schema.default : undefined,
      ]);
      for (const resource of made.filter(({ name: each }) => each !== "line-fleet-rg")) {
        const subject = { type: resource.type, name: resource.name, props: resource.inputs, isProtected: true };
        assert.deepEqual(
          (rule as Rule<unknown>)(subject, Object.fromEntries(defaults)),
          [],
          `${name}: ${resource.name}`,
        );
      }
    }
  });

  it("names jobs by Azure's rule, with room for eight digits", () => {
    assert.equal(fleetJobName("zero-touch"), "zero-touch-fleet");
    for (const prefix of ["A", "9-lines", "a-very-long-prefix-of-thirty-x", "line-one--", "UPPER_case.x"]) {
      assert.equal(nameError("containerApp", `${fleetJobName(prefix)}12345678`), undefined, prefix);
    }
  });
});
