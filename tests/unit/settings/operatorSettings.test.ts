import { strict as assert } from "node:assert";
import { readOperator } from "../../../settings/operatorSettings";
import { SettingsReader } from "../../../settings/settingsReader";
import { newHierarchy } from "../../cast/certs";
import { newAuthority } from "../../cast/operator/supportAuthority";

function operator(given: Readonly<Record<string, string>>) {
  const read = new SettingsReader((key) => given[key]);
  return { ...readOperator(read), errors: read.errors.map(({ key }) => key) };
}

const GROUP = "/subscriptions/s-1/resourceGroups/rg-1/providers";
const CONTAINERS = {
  operatorEndpoint: "containers",
  operatorImage: "registry.example.com/operator:1.0",
  operatorSubnetId: `${GROUP}/Microsoft.Network/virtualNetworks/net/subnets/operators`,
  operatorKeyVaultId: `${GROUP}/Microsoft.KeyVault/vaults/kv-1`,
  operatorBackendUrl: "azblob://state?storage_account=teamstate",
  operatorAdministratorKey: `ssh-ed25519 ${"A".repeat(68)} alice`,
};

describe("settings of the operator endpoint", () => {
  it("deploy nothing by default", () => {
    assert.deepEqual(operator({}), { operatorEndpoint: undefined, errors: [] });
  });

  it("deploy storage with a retention time", () => {
    assert.deepEqual(operator({ operatorEndpoint: "storage", operatorRetentionDays: "30" }), {
      operatorEndpoint: { retentionDays: 30, containers: undefined },
      errors: [],
    });
  });

  it("deploy containers with what they need", () => {
    const { operatorEndpoint, errors } = operator(CONTAINERS);
    assert.deepEqual(errors, []);
    assert.deepEqual(operatorEndpoint, {
      retentionDays: 365,
      containers: {
        image: CONTAINERS.operatorImage,
        registry: undefined,
        subnetId: CONTAINERS.operatorSubnetId,
        keyVaultId: CONTAINERS.operatorKeyVaultId,
        backendUrl: CONTAINERS.operatorBackendUrl,
        administratorKey: CONTAINERS.operatorAdministratorKey,
        authority: undefined,
      },
    });
  });

  it("report everything that containers lack", () => {
    const { errors } = operator({ operatorEndpoint: "containers" });
    assert.deepEqual(errors, [
      "operatorImage",
      "operatorSubnetId",
      "operatorKeyVaultId",
      "operatorBackendUrl",
      "operatorAdministratorKey",
    ]);
  });

  it("refuse malformed values", async () => {
    for (const [key, value] of [
      ["operatorImage", "operator"],
      ["operatorRegistry", "https://registry"],
      ["operatorSubnetId", "/subnets/one"],
      ["operatorKeyVaultId", "https://kv-1.vault.azure.net"],
      ["operatorBackendUrl", "file://~"],
      ["operatorAdministratorKey", "-----BEGIN OPENSSH PRIVATE KEY-----"],
      ["operatorAuthority", "no certificate"],
      ["operatorAuthority", (await newHierarchy()).root.certificate.toPem()],
    ] as const) {
      assert.deepEqual(operator({ ...CONTAINERS, [key]: value }).errors, [key], value);
    }
    const authority = (await newAuthority()).certificate.toPem();
    assert.deepEqual(operator({ ...CONTAINERS, operatorAuthority: authority }).errors, []);
  });
});
