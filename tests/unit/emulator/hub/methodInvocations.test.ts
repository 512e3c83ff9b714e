import { strict as assert } from "node:assert";
import type { ClientKey } from "../../../../emulator/hub/connections/clientKey";
import { ConnectionRegistry, type MethodRequest } from "../../../../emulator/hub/connections/connectionRegistry";
import { HubError } from "../../../../emulator/hub/hubErrors";
import { MethodInvocations } from "../../../../emulator/hub/methods/methodInvocations";
import { countedIds } from "../../../cast/testDependencies";

const PUMP: ClientKey = { hub: "h", deviceId: "pump" };
const CALL = { name: "reboot", payload: { in: 5 }, connectTimeoutMs: 0, responseTimeoutMs: 30_000 };

describe("calls of direct methods", () => {
  let connections: ConnectionRegistry;
  let methods: MethodInvocations;
  let timers: { readonly ms: number; readonly work: () => void }[];
  let calls: MethodRequest[];

  beforeEach(() => {
    [timers, calls] = [[], []];
    connections = new ConnectionRegistry();
    methods = new MethodInvocations({ ids: countedIds(), connections }, (ms, work) => {
      const timer = { ms, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    });
  });

  const connect = (client = PUMP) => {
    const connection = connections.open(client, { end: () => undefined });
    connection.receiveMethods = (request) => calls.push(request);
    return connection;
  };
  const refused = (name: string, work: Promise<unknown>, info?: object): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof HubError);
      assert.deepEqual([error.errorName, error.detail.info ?? info], [name, info]);
      return true;
    });
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

  it("reach the client, and return its response", async () => {
    const connection = connect();
    const pending = methods.invoke(PUMP, CALL);
    await turn();
    const [{ requestId, ...request } = assert.fail()] = calls;
    assert.deepEqual(request, { name: "reboot", payload: { in: 5 } });
    const stranger = connect({ ...PUMP, deviceId: "valve" });
    assert.equal(methods.respond(stranger, requestId, { status: 500, payload: null }), false);
    assert.equal(methods.respond(connection, "other", { status: 500, payload: null }), false);
    assert.equal(methods.respond(connection, requestId, { status: 201, payload: { ok: true } }), true);
    assert.equal(methods.respond(connection, requestId, { status: 500, payload: null }), false);
    assert.deepEqual(await pending, { status: 201, payload: { ok: true } });
    assert.deepEqual(timers, []);
  });

  it("fail where the client is not connected, or receives no methods", async () => {
    await refused("DeviceNotOnline", methods.invoke(PUMP, CALL), { timeout: "00:00:00" });
    connections.open(PUMP, { end: () => undefined });
    await refused("DeviceNotOnline", methods.invoke(PUMP, CALL), { timeout: "00:00:00" });
    assert.deepEqual(timers, []);
  });

  it("wait for the client to connect, as long as they say", async () => {
    const call = { ...CALL, connectTimeoutMs: 60_000 };
    const late = methods.invoke(PUMP, call);
    await turn();
    timers[0]?.work();
    await refused("DeviceNotOnline", late, { timeout: "00:01:00" });
    const pending = methods.invoke(PUMP, call);
    await turn();
    const connection = connect();
    await turn();
    methods.respond(connection, calls[0]?.requestId ?? "", { status: 200, payload: null });
    assert.deepEqual(await pending, { status: 200, payload: null });
    assert.deepEqual(timers, []);
  });

  it("fail where the client does not respond in time, disconnects or is replaced", async () => {
    const connection = connect();
    const late = methods.invoke(PUMP, CALL);
    await turn();
    timers[0]?.work();
    await refused("GatewayTimeout", late, { timeout: "00:00:30" });
    assert.equal(methods.respond(connection, calls[0]?.requestId ?? "", { status: 200, payload: null }), false);
    const closed = methods.invoke(PUMP, CALL);
    await turn();
    connections.close(connection);
    await refused("DeviceNotOnline", closed, { timeout: "00:00:00" });
    connect();
    const replaced = methods.invoke(PUMP, CALL);
    await turn();
    connect();
    await refused("DeviceNotOnline", replaced, { timeout: "00:00:00" });
    assert.deepEqual(timers, []);
  });

  it("are at most 100 for one client", async () => {
    connect();
    const pending = Array.from({ length: 100 }, () => methods.invoke(PUMP, CALL));
    await refused("ThrottlingException", methods.invoke(PUMP, CALL));
    await turn();
    connections.end(PUMP, "over");
    const outcomes = await Promise.allSettled(pending);
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
  });
});
