import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { IotHub } from "../../../components/iotHub";
import { KeyVault } from "../../../components/keyVault";
import { ProvisioningService } from "../../../components/provisioningService";
import { type ResourceRequest, recordRequests } from "../../cast/resourceRequests";

type Props = Readonly<Record<string, unknown>>;

/** Azure's further properties reach the resource, and options reach what they should. */
describe("properties and options of Azure's resources, through the components", function () {
  this.timeout(60_000);
  const made: MockResourceArgs[] = [];
  let requests: readonly ResourceRequest[] = [];
  const place = { resourceGroupName: "rg", location: "westeurope" };
  const ipFilterRules = [{ action: "Reject" as const, filterName: "all", ipMask: "0.0.0.0/0" }];
  const inputs = (name: string): Props => made.find((each) => each.name === name)?.inputs ?? {};

  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          return { id: `id of ${args.name}`, state: { ...args.inputs, name: "x" } };
        },
        call: () => ({ primaryKey: "key", subscriptionId: "s", tenantId: "t", objectId: "o" }),
      },
      "library",
      "test",
      false,
      "organization",
    );
    requests = recordRequests();
    const routing = {
      fallbackRoute: { source: "DeviceMessages" as const, isEnabled: true, endpointNames: ["events"] },
    };
    new IotHub("a", {
      ...place,
      minimumTls: "1.2",
      localAuth: "enabled",
      identity: { type: "SystemAssigned" },
      properties: {
        routing,
        ipFilterRules,
        publicNetworkAccess: "Disabled",
        storageEndpoints: { $default: { connectionString: "AccountKey=secret", containerName: "uploads" } },
      },
      tags: { team: "iot" },
    });
    new IotHub("b", { ...place, minimumTls: "azureDefault", localAuth: "enabled" });
    new ProvisioningService("a", {
      ...place,
      hubs: [{ connectionString: "HostName=h", location: "northeurope", hostName: "h", allocationWeight: 2 }],
      identity: { type: "SystemAssigned" },
      properties: { ipFilterRules, publicNetworkAccess: "Disabled" },
    });
    new KeyVault("a", place, { protect: true });
    await pulumi.runtime.disconnect();
  });

  it("keeps routing, IP filters, network access, identity and tags of a hub, beside its own properties", () => {
    const { properties, identity, tags } = inputs("a-hub");
    // The whole object is secret, so that no state has the key of the storage account in clear.
    const { value } = properties as { readonly value: Props };
    const { routing, minTlsVersion, publicNetworkAccess, ...rest } = value;
    assert.deepEqual((routing as Props).fallbackRoute, {
      source: "DeviceMessages",
      isEnabled: true,
      endpointNames: ["events"],
    });
    assert.deepEqual([minTlsVersion, publicNetworkAccess, rest.ipFilterRules], ["1.2", "Disabled", ipFilterRules]);
    assert.deepEqual([identity, tags], [{ type: "SystemAssigned" }, { team: "iot" }]);
  });

  it("sends no properties and no tags where Azure's defaults are wanted", () => {
    const { properties, tags, identity } = inputs("b-hub");
    assert.deepEqual([properties, tags, identity], [undefined, undefined, undefined]);
  });

  it("links an existing hub, and keeps the further properties of a provisioning service", () => {
    const { properties, identity } = inputs("a-dps");
    const { iotHubs, allocationPolicy, publicNetworkAccess } = properties as Props;
    assert.deepEqual(iotHubs, [{ connectionString: "HostName=h", location: "northeurope", allocationWeight: 2 }]);
    assert.deepEqual([allocationPolicy, publicNetworkAccess], ["Hashed", "Disabled"]);
    assert.deepEqual(identity, { type: "SystemAssigned" });
  });

  it("protects a vault, and not the role assignments in it", () => {
    const protectedNames = requests.filter((each) => each.getProtect()).map((each) => each.getName());
    assert.deepEqual(protectedNames, ["a-kv"]);
    assert.ok(requests.some((each) => each.getName() === "a-kv-crypto-officer"));
  });
});
