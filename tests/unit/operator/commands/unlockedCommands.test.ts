import assert from "node:assert/strict";
import { AzureError } from "../../../../azure/clients/azureError";
import type { JsonRequest } from "../../../../azure/clients/jsonClient";
import { exportTranscriptKey } from "../../../../operator/commands/exportTranscriptKey";
import { getStackResource } from "../../../../operator/commands/getStackResource";
import { invokeDataPlaneRequest } from "../../../../operator/commands/invokeDataPlaneRequest";
import type { CommandContext, OperatorCommand, ParameterValues } from "../../../../operator/commands/operatorCommand";
import { DATA_PLANE_REQUESTS } from "../../../../operator/stack/dataPlaneRequests";
import type { StackResource } from "../../../../operator/stack/operatorStack";
import { type TestInstances, testInstances } from "../../../cast/operator/instances";

const ARM = "/subscriptions/s-1/resourceGroups/rg-1";

const resource = (name: string, more: Partial<StackResource> = {}): StackResource => ({
  urn: `urn:pulumi:dev::project::type::${name}`,
  type: "type",
  name,
  inputs: {},
  outputs: {},
  ...more,
});

const RESOURCES: readonly StackResource[] = [
  resource("stack", {
    type: "pulumi:pulumi:Stack",
    outputs: { serviceEndpoint: "dps-1.azure-devices-provisioning.net", hubHostName: "hub-1.azure-devices.net" },
  }),
  resource("zero-touch-hub", { id: `${ARM}/providers/Microsoft.Devices/IotHubs/hub-1`, outputs: { key: "[secret]" } }),
  resource("zero-touch-ca"),
];

const run = (command: OperatorCommand, parameters: ParameterValues, context: Partial<CommandContext> = {}) =>
  command.run(parameters, context as CommandContext);

describe("commands of an unlocked session", () => {
  it("are for administrators in unlocked sessions only", () => {
    const stack = { resources: async () => RESOURCES };
    const commands = [
      exportTranscriptKey,
      getStackResource({ stack, azure: { resource: async () => undefined } }),
      invokeDataPlaneRequest({
        stack,
        azure: { dataPlane: () => ({ send: async () => ({ status: 200, body: {} }) }) },
      }),
    ];
    for (const { isUnlockedOnly, role } of commands) assert.deepEqual([isUnlockedOnly, role], [true, "administrator"]);
  });

  describe("Get-StackResource", () => {
    const reads: string[] = [];
    const command = getStackResource({
      stack: { resources: async () => RESOURCES },
      azure: {
        resource: async (id, apiVersion) => {
          reads.push(`${id}?${apiVersion}`);
          return { name: "hub-1", properties: { primaryKey: "abc" } };
        },
      },
    });

    it("lists resources, and returns one by name or URN", async () => {
      const { value } = await run(command, {});
      assert.deepEqual(
        (value as { name: string }[]).map(({ name }) => name),
        ["stack", "zero-touch-hub", "zero-touch-ca"],
      );
      assert.deepEqual((await run(command, { Name: "zero-touch-ca" })).value, [RESOURCES[2]]);
      assert.deepEqual((await run(command, { Name: RESOURCES[2]?.urn })).value, [RESOURCES[2]]);
      await assert.rejects(() => run(command, { Name: "other" }), { code: "NotFound" });
    });

    it("reads the resource from Azure too, without its keys", async () => {
      const { value, text } = await run(command, { Name: "zero-touch-hub", Live: true });
      assert.deepEqual(value, [{ ...RESOURCES[1], live: { name: "hub-1", properties: { primaryKey: "[secret]" } } }]);
      assert.match(`${text}`, /"live"/);
      assert.deepEqual(reads, [`${ARM}/providers/Microsoft.Devices/IotHubs/hub-1?2023-06-30`]);
    });
  });

  describe("Invoke-DataPlaneRequest", () => {
    const sent: (Partial<JsonRequest> & { readonly host: string })[] = [];
    let failure: Error | undefined;
    const command = invokeDataPlaneRequest({
      stack: { resources: async () => RESOURCES },
      azure: {
        dataPlane: (_service, host) => ({
          send: async ({ method, path, ifMatch, body }) => {
            sent.push({ host, method, path, ifMatch, body });
            if (failure !== undefined) throw failure;
            return { status: 200, body: { deviceId: "d", authentication: { symmetricKey: { primaryKey: "abc" } } } };
          },
        }),
      },
    });
    beforeEach(() => {
      sent.length = 0;
      failure = undefined;
    });

    it("sends a request by its name to the service that has it, and hides keys", async () => {
      const { value } = await run(command, { Request: "devices_getidentity", DeviceId: "line 1".replace(" ", "#") });
      assert.deepEqual(value, {
        status: 200,
        body: { deviceId: "d", authentication: { symmetricKey: { primaryKey: "[secret]" } } },
        hasMore: false,
      });
      await run(command, { Request: "DeviceRegistrationState_Delete", RegistrationId: "device-01" });
      await run(command, { Request: "DeviceRegistrationState_Query", EnrollmentGroupId: "group" });
      assert.deepEqual(sent, [
        {
          host: "hub-1.azure-devices.net",
          method: "GET",
          path: "/devices/line%231",
          ifMatch: undefined,
          body: undefined,
        },
        {
          host: "dps-1.azure-devices-provisioning.net",
          method: "DELETE",
          path: "/registrations/device-01",
          ifMatch: "*",
          body: undefined,
        },
        {
          host: "dps-1.azure-devices-provisioning.net",
          method: "POST",
          path: "/registrations/group/query",
          ifMatch: undefined,
          body: { query: "*" },
        },
      ]);
    });

    it("refuses a missing, surplus or malformed ID, and sends nothing", async () => {
      const Request = "Devices_GetTwin";
      for (const [parameters, code] of [
        [{ Request }, "ParameterMissing"],
        [{ Request, RegistrationId: "d", DeviceId: "d" }, "ParameterInvalid"],
        [{ Request, DeviceId: "a/../b" }, "ParameterInvalid"],
        [{ Request, DeviceId: ".." }, "ParameterInvalid"],
        [{ Request: "EnrollmentGroup_Get", EnrollmentGroupId: "g?x" }, "ParameterInvalid"],
      ] as const) {
        await assert.rejects(() => run(command, parameters), { code });
      }
      assert.deepEqual(sent, []);
    });

    it("reports what Azure refuses", async () => {
      failure = new AzureError("hub", "send", { status: 404, said: "no such device" });
      await assert.rejects(() => run(command, { Request: "Devices_GetTwin", DeviceId: "d" }), { code: "NotFound" });
      failure = new AzureError("hub", "send", { status: 401, said: "no" });
      await assert.rejects(() => run(command, { Request: "Devices_GetTwin", DeviceId: "d" }), { code: "StackFailed" });
    });

    it("knows each request under one name", () => {
      const names = DATA_PLANE_REQUESTS.map(({ name }) => name.toLowerCase());
      assert.equal(new Set(names).size, names.length);
    });
  });

  describe("Export-TranscriptKey", () => {
    let instances: TestInstances;
    beforeEach(() => {
      instances = testInstances();
    });
    afterEach(() => instances.close());

    it("returns the public keys of one instance, or of all", async () => {
      const [one, two] = [await instances.add("zt01"), await instances.add("zt02")];
      const { value, text } = await run(exportTranscriptKey, {}, { store: one.store });
      const expected = [one, two].map(({ instance: { name, publicKey, fingerprint } }) => ({
        instance: name,
        publicKey,
        fingerprint,
      }));
      assert.deepEqual(value, expected);
      assert.equal(text, expected.map(({ instance, publicKey }) => `${publicKey} ${instance}`).join("\n"));
      const single = await run(exportTranscriptKey, { Instance: "zt02" }, { store: one.store });
      assert.deepEqual(single.value, expected.slice(1));
      await assert.rejects(() => run(exportTranscriptKey, { Instance: "zt03" }, { store: one.store }), {
        code: "NotFound",
      });
    });
  });
});
