import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const APPS = "/resourceGroups/rg/providers/Microsoft.App";
const ENVIRONMENT = `${APPS}/managedEnvironments/environment-1`;
const APP = `${APPS}/containerApps/app-1`;
const JOB = `${APPS}/jobs/job-1`;
const SUBNET = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/one";
const code = (response: Parameters<typeof errorOf>[0]) => [response.status, errorOf(response).code];

interface Definition {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly template: Readonly<Record<string, unknown>>;
}
const container = { name: "one", image: "registry.example/one:1", resources: { cpu: 0.5, memory: "1Gi" } };
const definition = (more: Partial<Definition> = {}) => ({
  location: "westeurope",
  properties: {
    environmentId: `/subscriptions/${TENANT.subscriptionId}${ENVIRONMENT}`,
    configuration: { ingress: { external: true, transport: "tcp", targetPort: 2222, exposedPort: 2222 } },
    template: { containers: [container] },
    ...more,
  },
});
// biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
const properties = ({ body }: { readonly body: unknown }) => (body as { properties: any }).properties;

describe("container apps in ARM", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", "/resourceGroups/rg", { location: "westeurope" });
  });
  afterEach(() => harness.close());
  const arm: ArmHarness["arm"] = (...args) => harness.arm(...args);
  const createEnvironment = (
    vnetConfiguration: object | undefined = { internal: true, infrastructureSubnetId: SUBNET },
  ) => arm("PUT", ENVIRONMENT, { location: "westeurope", properties: { vnetConfiguration } });
  const poll = async (url: unknown) => {
    const { pathname, search } = new URL(String(url));
    return arm("GET", pathname.replace(`/subscriptions/${TENANT.subscriptionId}`, "") + search);
  };

  it("are kept with their environment, and say that nothing runs", async () => {
    const environment = await createEnvironment();
    assert.equal(environment.status, 201);
    assert.equal(
      ((await poll(environment.headers["azure-asyncoperation"])).body as { status: string }).status,
      "Succeeded",
    );
    const made = await arm("PUT", APP, definition());
    assert.equal(made.status, 201);
    const { provisioningState, runningStatus, deploymentErrors, configuration } = properties(await arm("GET", APP));
    assert.deepEqual([provisioningState, runningStatus], ["Succeeded", "Stopped"]);
    assert.match(deploymentErrors, /^NotEmulated: .* runs no containers/);
    assert.equal(configuration.ingress.fqdn, `app-1.${properties(environment).defaultDomain}`);
    for (const path of [`${APPS}/containerApps`, "/providers/Microsoft.App/containerApps"]) {
      assert.equal(((await arm("GET", path)).body as { value: unknown[] }).value.length, 1);
    }
  });

  it("do not store values of secrets", async () => {
    await createEnvironment();
    const secrets = [
      { name: "own", value: "a very secret value" },
      { name: "vault", keyVaultUrl: "https://vault-1.vault.azure.net/secrets/one", identity: "System" },
    ];
    const made = await arm("PUT", APP, definition({ configuration: { secrets } }));
    assert.deepEqual(properties(made).configuration.secrets, [{ name: "own" }, secrets[1]]);
    const rows = harness.shared.database.all("SELECT data FROM arm_resources");
    assert.ok(!JSON.stringify(rows).includes("a very secret value"));
    assert.deepEqual(code(await arm("POST", `${APP}/listSecrets`)), [501, "NotEmulated"]);
  });

  it("are refused where a definition contradicts itself", async () => {
    await createEnvironment();
    const withContainer = (more: object) => definition({ template: { containers: [{ ...container, ...more }] } });
    for (const [name, body, expected] of [
      ["App-1", definition(), "ContainerAppInvalidName"],
      [`a${"b".repeat(32)}`, definition(), "ContainerAppInvalidName"],
      ["app-1", definition({ template: {} }), "ContainerAppImageRequired"],
      ["app-1", withContainer({ image: undefined }), "ContainerAppImageRequired"],
      ["app-1", withContainer({ resources: { cpu: 0.5, memory: "2Gi" } }), "ContainerAppInvalidResourceTotal"],
      ["app-1", withContainer({ env: [{ name: "a", secretRef: "none" }] }), "ContainerAppSecretRefNotFound"],
      ["app-1", definition({ configuration: { secrets: [{ name: "a" }] } }), "ContainerAppSecretInvalid"],
    ] as const) {
      assert.deepEqual(code(await arm("PUT", `${APPS}/containerApps/${name}`, body)), [400, expected]);
    }
    assert.equal((await arm("GET", APP)).status, 404);
  });

  it("need an environment, and one with a network for external TCP", async () => {
    assert.deepEqual(code(await arm("PUT", APP, definition())), [400, "ManagedEnvironmentNotFound"]);
    await arm("PUT", ENVIRONMENT, { location: "westeurope" });
    assert.deepEqual(code(await arm("PUT", APP, definition())), [400, "ContainerAppTcpRequiresVnet"]);
    assert.deepEqual(code(await createEnvironment({ internal: true })), [
      400,
      "ManagedEnvironmentInvalidNetworkConfiguration",
    ]);
  });

  it("go before their environment", async () => {
    await createEnvironment();
    await arm("PUT", APP, definition());
    assert.deepEqual(code(await arm("DELETE", ENVIRONMENT)), [409, "ManagedEnvironmentNotEmpty"]);
    const deleted = await arm("DELETE", APP);
    assert.equal(deleted.status, 202);
    assert.equal((await poll(deleted.headers.location)).status, 200);
    assert.equal((await arm("DELETE", APP)).status, 204);
    assert.equal((await arm("DELETE", ENVIRONMENT)).status, 202);
  });

  describe("jobs", () => {
    const job = (configuration: object = {}, template: object = { containers: [container] }) => ({
      location: "westeurope",
      properties: {
        environmentId: `/subscriptions/${TENANT.subscriptionId}${ENVIRONMENT}`,
        configuration: {
          triggerType: "Manual",
          replicaTimeout: 1800,
          manualTriggerConfig: { parallelism: 3, replicaCompletionCount: 3 },
          ...configuration,
        },
        template,
      },
    });
    beforeEach(async () => {
      await createEnvironment();
    });

    it("are kept, have no executions, and do not start: nothing runs", async () => {
      const made = await arm("PUT", JOB, job({ secrets: [{ name: "own", value: "a very secret value" }] }));
      assert.equal(made.status, 201);
      const { provisioningState, configuration } = properties(await arm("GET", JOB));
      assert.deepEqual(
        [provisioningState, configuration.manualTriggerConfig, configuration.secrets],
        ["Succeeded", { parallelism: 3, replicaCompletionCount: 3 }, [{ name: "own" }]],
      );
      assert.deepEqual((await arm("GET", `${JOB}/executions`)).body, { value: [] });
      assert.deepEqual(code(await arm("GET", `${APPS}/jobs/job-2/executions`)), [404, "ResourceNotFound"]);
      assert.deepEqual(code(await arm("POST", `${JOB}/start`)), [501, "NotEmulated"]);
      for (const path of [`${APPS}/jobs`, "/providers/Microsoft.App/jobs"]) {
        assert.equal(((await arm("GET", path)).body as { value: unknown[] }).value.length, 1);
      }
    });

    it("are refused where a definition contradicts itself", async () => {
      for (const [name, body, expected] of [
        ["Job-1", job(), "ContainerAppInvalidName"],
        ["job-1", job({}, {}), "ContainerAppImageRequired"],
        ["job-1", job({ triggerType: "Schedule" }), "ContainerAppJobTriggerConfigRequired"],
        ["job-1", job({ manualTriggerConfig: { parallelism: 0 } }), "ContainerAppJobInvalid"],
        ["job-1", job({ replicaTimeout: 0 }), "ContainerAppJobInvalid"],
        ["job-1", job({ replicaRetryLimit: -1 }), "ContainerAppJobInvalid"],
      ] as const) {
        assert.deepEqual(code(await arm("PUT", `${APPS}/jobs/${name}`, body)), [400, expected]);
      }
      assert.equal((await arm("GET", JOB)).status, 404);
    });

    it("go before their environment", async () => {
      await arm("PUT", JOB, job());
      assert.deepEqual(code(await arm("DELETE", ENVIRONMENT)), [409, "ManagedEnvironmentNotEmpty"]);
      const deleted = await arm("DELETE", JOB);
      assert.equal(deleted.status, 202);
      assert.equal((await poll(deleted.headers.location)).status, 200);
      assert.equal((await arm("DELETE", JOB)).status, 204);
      assert.equal((await arm("DELETE", ENVIRONMENT)).status, 202);
    });
  });
});
