import assert from "node:assert/strict";
import { assemble } from "../../../../emulator/assemble";
import { newIdentity } from "../../../../emulator/entra/applicationIdentity";
import { TENANT } from "../../../cast/armHarness";
import { entraKey } from "../../../cast/rsaKeys";
import { type Served, type ServedResponse, serve } from "../../../cast/served";
import { testDependencies } from "../../../cast/testDependencies";

const SUBSCRIPTION = `/subscriptions/${TENANT.subscriptionId}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`;
const USER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/user-1`;
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
const DPS = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`;
const READER = "b447c946-2db7-41ec-983d-d8bf3b1c77e3";
const TWINS = "494bdba2-168f-4f31-a0a1-191d2f7c028c";
const REGISTRY = "4ea46cd5-c1b2-4a8e-910b-273211f9ce47";
const DPS_READER = "10745317-c249-44a1-a5ce-3a4353c0bbd8";

interface Principal {
  readonly principalId: string;
  readonly clientId: string;
}
const propertiesOf = ({ body }: ServedResponse) => (body as { properties: Principal }).properties;

describe("managed identities", () => {
  let services: Record<"arm" | "dps" | "hub" | "graph" | "machine", Served>;
  let assembly: ReturnType<typeof assemble>;
  const identity = newIdentity(entraKey());
  let assignments = 0;

  beforeEach(async () => {
    assembly = assemble(testDependencies(), TENANT, entraKey(), identity);
    const { arm, dps, hub, graph, machine } = assembly.definitions;
    services = {
      arm: await serve(arm),
      dps: await serve(dps),
      hub: await serve(hub),
      graph: await serve(graph),
      machine: await serve(machine),
    };
    await manage("PUT", GROUP, { location: "westeurope" });
    for (const path of [HUB, DPS]) await manage("PUT", path, { location: "westeurope", sku: { name: "S1" } });
  });
  afterEach(() => Promise.all(Object.values(services).map((each) => each.close())));

  const manage = (method: string, path: string, body?: unknown) =>
    services.arm.send(method, `${path}?api-version=2023-01-31`, body, {
      authorization: `Bearer ${assembly.tokens.issue("https://management.azure.com")}`,
    });

  /** Signs in with the identity as a machine that has it. */
  const signIn = async (query: string, resource: string) => {
    const url = `/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}&${query}`;
    return services.machine.send("GET", url, undefined, { "x-identity-header": identity.identitySecret });
  };
  const tokenOf = async (query: string, resource: string) =>
    ((await signIn(query, resource)).body as { access_token: string }).access_token;

  const assign = async (scope: string, role: string, principalId: string) => {
    assignments += 1;
    const name = `00000000-0000-4000-9000-${String(assignments).padStart(12, "0")}`;
    const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const roleDefinitionId = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    assert.equal((await manage("PUT", path, { properties: { roleDefinitionId, principalId } })).status, 201);
    return path;
  };

  const hub = (token: string, method: string, path: string, body?: unknown) =>
    services.hub.send(method, `${path}?api-version=2021-04-12`, body, {
      host: "hub-1.azure-devices.net",
      authorization: `Bearer ${token}`,
    });

  it("keep their principal, which ends with the resource", async () => {
    const made = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    assert.deepEqual(propertiesOf(await manage("PUT", USER, { location: "westeurope", tags: { a: "1" } })), made);
    assert.equal((await signIn(`client_id=${made.clientId}`, "https://iothubs.azure.net")).status, 200);
    assert.equal((await signIn(`mi_res_id=${USER}`, "https://iothubs.azure.net")).status, 200);
    const listed = async () => {
      const token = assembly.tokens.issue("https://graph.microsoft.com");
      const path = `/v1.0/servicePrincipals/${made.principalId}`;
      return (await services.graph.send("GET", path, undefined, { authorization: `Bearer ${token}` })).status;
    };
    assert.equal(await listed(), 200);
    assert.equal((await manage("DELETE", USER)).status, 200);
    assert.equal((await manage("DELETE", USER)).status, 204);
    assert.equal((await signIn(`client_id=${made.clientId}`, "https://iothubs.azure.net")).status, 400);
    assert.equal(await listed(), 404);
    const again = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    assert.notEqual(again.principalId, made.principalId);
  });

  it("have names that are unique in their group only", async () => {
    await manage("PUT", `${GROUP}2`, { location: "westeurope" });
    const first = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    const second = propertiesOf(await manage("PUT", USER.replace("/rg/", "/rg2/"), { location: "westeurope" }));
    assert.notEqual(first.principalId, second.principalId);
    await manage("DELETE", `${GROUP}2`);
    assert.deepEqual(propertiesOf(await manage("GET", USER)), first);
  });

  it("of a hub keep their principal through updates, until they are taken away", async () => {
    const principal = async (body: object) => {
      await manage("PUT", HUB, { location: "westeurope", sku: { name: "S1" }, ...body });
      return ((await manage("GET", HUB)).body as { identity: { principalId?: string } }).identity.principalId;
    };
    const first = await principal({ identity: { type: "SystemAssigned" } });
    assert.equal(await principal({}), first);
    assert.equal(await principal({ identity: { type: "systemassigned" } }), first);
    assert.equal(await principal({ identity: { type: "None" } }), undefined);
    assert.notEqual(await principal({ identity: { type: "SystemAssigned" } }), first);
  });

  it("read and write a hub by their roles, and no more once a role is taken away", async () => {
    const { principalId, clientId } = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    const token = await tokenOf(`client_id=${clientId}`, "https://iothubs.azure.net");
    const device = { deviceId: "d", status: "enabled" };
    assert.equal((await hub(token, "GET", "/devices")).status, 401);
    const reads = await assign(HUB, READER, principalId);
    assert.equal((await hub(token, "GET", "/devices")).status, 200);
    assert.equal((await hub(token, "GET", "/statistics/devices")).status, 200);
    assert.equal((await hub(token, "PUT", "/devices/d", device)).status, 401);
    const owner = assembly.tokens.issue("https://iothubs.azure.net");
    assert.equal((await hub(owner, "PUT", "/devices/d", device)).status, 200);
    assert.equal((await hub(token, "GET", "/twins/d")).status, 200);
    assert.equal((await hub(token, "PATCH", "/twins/d", { tags: {} })).status, 401);
    await assign(GROUP, TWINS, principalId);
    assert.equal((await hub(token, "PATCH", "/twins/d", { tags: {} })).status, 200);
    await manage("DELETE", reads);
    assert.equal((await hub(token, "GET", "/devices")).status, 401);
  });

  it("write the registry by their role, but no jobs and configurations, however the path is encoded", async () => {
    const { principalId, clientId } = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    const token = await tokenOf(`client_id=${clientId}`, "https://iothubs.azure.net");
    await assign(HUB, REGISTRY, principalId);
    assert.equal((await hub(token, "GET", "/%64evices")).status, 200);
    for (const path of ["/jobs/v2/j", "/%6Aobs/v2/j", "/configurations/c", "/c%6Fnfigurations/c"]) {
      assert.equal((await hub(token, "GET", path)).status, 401, path);
    }
  });

  it("read a provisioning service by their role, but not the keys of its enrollments", async () => {
    const { principalId } = propertiesOf(await manage("PUT", USER, { location: "westeurope" }));
    const token = await tokenOf(`object_id=${principalId}`, "https://azure-devices-provisioning.net");
    const ask = async (method: string, path: string, body?: unknown) => {
      const headers = { host: "dps-1.azure-devices-provisioning.net", authorization: `Bearer ${token}` };
      return (await services.dps.send(method, `${path}?api-version=2021-10-01`, body, headers)).status;
    };
    const query = ["POST", "/enrollmentGroups/query", { query: "SELECT * FROM enrollmentGroups" }] as const;
    assert.equal(await ask(...query), 401);
    await assign(DPS, DPS_READER, principalId);
    assert.equal(await ask(...query), 200);
    assert.equal(await ask("GET", "/enrollments/none"), 404);
    assert.equal(await ask("POST", "/enrollments/none/attestationmechanism"), 401);
    // Routes are found by decoded paths, and so are the data actions.
    assert.equal(await ask("POST", "/enrollments/none/%61ttestationMechanism"), 401);
    assert.equal(await ask("GET", "/enrollments/attestationmechanism"), 404);
    assert.equal(await ask("DELETE", "/enrollments/none"), 401);
  });
});
