import { strict as assert } from "node:assert";
import { plain, secret, UNKNOWN, type Value } from "../../../plugin-protocol/propertyValue";
import { ResourceInitFailedError } from "../../../plugin-protocol/resourceProvider";
import { type Handler, PartialError } from "../../../providers/handlers/resource/handler";
import { schemaText } from "../../../zero-touch-plugin/packageSchema";
import { ZeroTouchProvider } from "../../../zero-touch-plugin/zeroTouchProvider";

const urn = (type: string): string =>
  `urn:pulumi:dev::p::zero-touch:iot:EnrollmentGroup$zero-touch:index:${type}::presses`;
const GROUP = urn("EnrollmentGroup");
const given = { serviceEndpoint: "dps", enrollmentGroupId: "presses" };

const unexpected = async (): Promise<never> => {
  throw new Error("unexpected");
};
const NO_METHODS: Handler = {
  check: unexpected,
  diff: unexpected,
  create: unexpected,
  read: unexpected,
  update: unexpected,
  delete: unexpected,
};

function provider(methods: Partial<Handler>) {
  const nouns: string[] = [];
  const signals: AbortSignal[] = [];
  const made = new ZeroTouchProvider({
    schemaText: schemaText(),
    handler(noun, signal) {
      nouns.push(noun);
      signals.push(signal);
      return { ...NO_METHODS, ...methods };
    },
  });
  return { made, nouns, signals };
}

describe("the provider zero-touch", () => {
  it("gives handlers values in clear, and marks secret inputs again", async () => {
    let seen: unknown;
    const { made, nouns } = provider({
      async check(_olds, news) {
        seen = news;
        return { inputs: { ...news, iotEdge: false }, failures: [] };
      },
    });
    const tags = { site: secret("hush"), unit: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7" };
    const { inputs } = await made.check(GROUP, {}, { ...given, symmetricKey: {}, initialTwin: { tags } });
    assert.deepEqual(seen, { ...given, symmetricKey: {}, initialTwin: { tags: { site: "hush", unit: UNKNOWN } } });
    assert.deepEqual(inputs, {
      ...given,
      iotEdge: false,
      symmetricKey: secret({}),
      initialTwin: { tags: { site: secret("hush"), unit: UNKNOWN } },
    });
    assert.deepEqual(nouns, ["enrollmentGroup"]);
  });

  it("marks the outputs secret that the schema says are, and leaves out what is undefined", async () => {
    const outs = { ...given, primaryKey: "a2V5", deviceId: undefined };
    const { made } = provider({ create: async () => ({ id: "i", outs }) });
    const { id, outputs } = await made.create(GROUP, given, false, 0);
    assert.deepEqual([id, outputs], ["i", { ...given, primaryKey: secret("a2V5") }]);
  });

  it("previews without a handler: inputs are known, outputs are not", async () => {
    const { made } = provider({});
    const { id, outputs } = await made.create(GROUP, given, true, 0);
    assert.equal(id, "");
    assert.equal(outputs.serviceEndpoint, "dps");
    assert.equal(outputs.revision, UNKNOWN);
    assert.equal(outputs.caReference, undefined, "an input that the program leaves out");
    assert.equal((await made.update(GROUP, "i", given, {}, true, 0)).outputs.etag, UNKNOWN);
  });

  it("keeps in the state what a create that stopped has made, with its secrets", async () => {
    const create = () => Promise.reject(new PartialError("i", { primaryKey: "a2V5" }, new Error("stopped")));
    const { made } = provider({ create });
    await assert.rejects(made.create(GROUP, given, false, 0), (error: unknown) => {
      assert.ok(error instanceof ResourceInitFailedError);
      assert.deepEqual([error.message, error.state], ["stopped", { id: "i", outputs: { primaryKey: secret("a2V5") } }]);
      return true;
    });
  });

  it("imports by ID, and refuses it for what exists only where it was made", async () => {
    const { made } = provider({ import: async (id) => ({ id: `found/${id}`, props: given, inputs: given }) });
    assert.deepEqual(await made.read(GROUP, "dps/presses", {}, {}), {
      id: "found/dps/presses",
      outputs: given,
      inputs: given,
    });
    const { made: another } = provider({});
    await assert.rejects(another.read(urn("DeviceCertificate"), "x", {}, {}), /DeviceCertificate cannot be imported/);
  });

  it("returns nothing for a resource that is gone, and the program's inputs where a handler reads none", async () => {
    const gone = provider({ read: async () => ({ id: "", props: {} }) });
    assert.equal(await gone.made.read(GROUP, "i", given, given), undefined);
    const { made } = provider({ read: async (id, props) => ({ id, props: { ...props } }) });
    const inputs = { ...given, signingKey: secret("key") };
    assert.deepEqual((await made.read(GROUP, "i", inputs, given))?.inputs, inputs);
  });

  it("gives the handler of a list one input for each enrollment, with its secrets marked", async () => {
    const { made } = provider({ check: async (_olds, news) => ({ inputs: { ...news }, failures: [] }) });
    const entry = { symmetricKey: {}, deviceId: "a" };
    const marked: Value = { symmetricKey: secret({}), deviceId: "a" };
    const LIST = urn("EnrollmentList");
    const check = async (enrollments: Value) =>
      (await made.check(LIST, {}, { serviceEndpoint: "dps", enrollments })).inputs;
    assert.deepEqual(await check({ m1: entry }), { serviceEndpoint: "dps", "device:m1": marked });
    const whole = await check(secret({ m1: entry }));
    assert.deepEqual(whole, { serviceEndpoint: "dps", "device:m1": secret({ m1: entry }.m1) });
    assert.deepEqual(plain(whole), { serviceEndpoint: "dps", "device:m1": entry });
  });

  it("keeps the inputs of an imported list as in the schema, by which code is generated, until its program differs", async () => {
    const seen: unknown[] = [];
    const { made } = provider({
      import: async () => ({
        id: "l",
        props: {},
        inputs: { serviceEndpoint: "dps", "device:m1": { symmetricKey: {} } },
      }),
      check: async (_olds, news) => ({ inputs: { ...news }, failures: [] }),
      diff: async (_id, _olds, news) => {
        seen.push(news);
        return { changes: false, replaces: [] };
      },
    });
    const LIST = urn("EnrollmentList");
    const { inputs = {} } = (await made.read(LIST, "dps/*", {}, {})) ?? {};
    const program = { serviceEndpoint: "dps", enrollments: { m1: { symmetricKey: secret({}) } } };
    assert.deepEqual(inputs, program);
    assert.deepEqual((await made.check(LIST, inputs, inputs)).inputs, program);
    await made.diff(LIST, inputs, inputs, {}, "l");
    assert.deepEqual(seen, [{ serviceEndpoint: "dps", "device:m1": { symmetricKey: {} } }]);
    const other = { serviceEndpoint: "dps", enrollments: { m2: { symmetricKey: {} } } };
    assert.deepEqual(Object.keys((await made.check(LIST, inputs, other)).inputs), ["serviceEndpoint", "device:m2"]);
  });

  it("accepts an import without what cannot be read, as long as nothing changes", async () => {
    const failures = [{ property: "issuerKey", reason: "issuerKey is missing" }];
    const { made } = provider({ check: async (_olds, news) => ({ inputs: { ...news }, failures }) });
    const DEVICE = urn("DeviceCertificate");
    const program = { registrationId: "press-1" };
    assert.deepEqual((await made.check(DEVICE, program, program)).failures, []);
    assert.deepEqual((await made.check(DEVICE, program, { registrationId: "press-2" })).failures, failures);
    assert.deepEqual((await made.check(DEVICE, {}, {})).failures, failures);
  });

  it("refuses unknown types, and components as resources", async () => {
    const { made } = provider({});
    for (const type of ["Nonsense", "constructor", "DeviceRegistration", "IotHub"])
      await assert.rejects(made.create(urn(type), given, false, 0), /is no resource of zero-touch/);
  });

  it("ends waits at a time-out and when it is cancelled, and starts nothing afterwards", async () => {
    const { made, signals } = provider({ delete: async () => {} });
    await made.remove(GROUP, "i", 60, {});
    made.cancel();
    assert.equal(signals[0]?.aborted, true);
    await assert.rejects(made.remove(GROUP, "i", 0, {}), /cancelled/);
  });
});
