import assert from "node:assert/strict";
import { assemble, mount } from "../../../emulator/assemble";
import { FaultInjector } from "../../../emulator/control/faultInjector";
import { TENANT } from "../../cast/armHarness";
import { entraKey } from "../../cast/rsaKeys";
import { testDependencies } from "../../cast/testDependencies";

describe("the services together", () => {
  const assembly = assemble(testDependencies(), TENANT, entraKey());

  it("list every operation once a service, each with name, method and path", () => {
    const operations = Object.values(assembly.definitions).flatMap(({ name: service, operations }) =>
      operations.map(({ name, method, path }) => ({ service, name, method, path })),
    );
    const keys = operations.map(({ service, method, path }) => `${service} ${method} ${path.toLowerCase()}`);
    assert.equal(new Set(keys).size, keys.length);
    const names = new Set(operations.map(({ name }) => name));
    for (const name of ["DpsCertificate_VerifyCertificate", "IotHubResource_CreateOrUpdate", "Token"]) {
      assert.ok(names.has(name), name);
    }
  });

  it("are reached at their own host names, and metadata at ARM's", async () => {
    const failed = (_service: string, error: unknown) => {
      throw error;
    };
    const { dispatch } = mount(assembly, new FaultInjector(), failed, { azurite: undefined });
    for (const [host, path, service] of [
      ["management.azure.com", "/subscriptions", "arm"],
      ["MANAGEMENT.azure.com", "/metadata/endpoints", "entra"],
      ["login.microsoftonline.com", "/", "entra"],
      ["login.windows.net", "/", "entra"],
      ["graph.microsoft.com", "/v1.0/me", "graph"],
      ["global.azure-devices-provisioning.net", "/", "dps-device"],
      ["dps-1.azure-devices-provisioning.net", "/", "dps-service"],
      ["hub-1.azure-devices.net", "/", "hub"],
      ["vault-1.vault.azure.net", "/", "key-vault"],
      ["account1.blob.core.windows.net", "/container/blob", "blob"],
      ["127.0.0.1", "/subscriptions/x", "arm"],
      ["127.0.0.1", "/metadata/endpoints", "entra"],
      ["127.0.0.1", "/common/discovery/instance", "entra"],
    ] as const) {
      assert.equal(dispatch(host, path).name, service, `${host}${path}`);
    }
  });
});
