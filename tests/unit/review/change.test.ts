import { strict as assert } from "node:assert";
import { changesOf } from "../../../review/change";
import { type Preview, type State, type Step, UNKNOWN } from "../../../review/previewDocument";

const TYPE = "azure-native:iothub:IotHubResource";
const urn = (name: string, type = TYPE): string => `urn:pulumi:dev::zero-touch::${type}::${name}`;
const state = (inputs: State["inputs"] = {}, more: Partial<State> = {}): State => ({ type: TYPE, inputs, ...more });
const changes = (...steps: readonly Step[]) => changesOf({ steps, diagnostics: [], summary: {} } satisfies Preview);
const change = (...steps: readonly Step[]) => changes(...steps)[0];

describe("review/change", () => {
  it("maps each operation of the engine to an action, and ignores those that change nothing", () => {
    const words = {
      create: "create",
      import: "import",
      update: "update",
      delete: "delete",
      discard: "delete",
      replace: "replace",
      "create-replacement": "replace",
      "delete-replaced": "replace",
      "import-replacement": "replace",
      "read-replacement": "replace",
      "discard-replaced": "replace",
      "remove-pending-replace": "replace",
    };
    for (const [op, action] of Object.entries(words))
      assert.equal(change({ op, urn: urn("h"), newState: state() })?.action, action, op);
    for (const op of ["same", "read", "refresh", "toString"])
      assert.deepEqual(changes({ op, urn: urn("h"), newState: state() }), [], op);
  });

  it("treats several steps of one resource as a replacement, unless they are of one kind", () => {
    const step = (op: string): Step => ({ op, urn: urn("h"), newState: state() });
    assert.equal(change(step("delete"), step("create"))?.action, "replace");
    assert.equal(change(step("delete"), step("discard"))?.action, "delete");
  });

  it("leaves out providers, the stack and components", () => {
    const step = (type: string, more: Partial<State> = {}): Step => ({
      ...{ op: "create", urn: urn("n", type), newState: state({}, { type, ...more }) },
    });
    assert.deepEqual(changes(step("pulumi:providers:azure-native"), step("pulumi:pulumi:Stack")), []);
    assert.deepEqual(changes(step("zero-touch:iot:Hub", { custom: false })), []);
    assert.equal(changes(step("zero-touch:iot:Hub", { custom: true })).length, 1);
  });

  it("reads a resource of the plugin as the dynamic one", () => {
    const type = "zero-touch:index:EnrollmentGroup";
    const seen = change({ op: "create", urn: urn("g", type), newState: state({}, { type }) });
    assert.deepEqual([seen?.token, seen?.type], ["pulumi-nodejs:dynamic/iot:EnrollmentGroup", "EnrollmentGroup"]);
  });

  it("hides inputs with the name of a secret output, shows unknown values, and drops the engine's own", () => {
    const inputs = { key: "k", later: UNKNOWN, open: 1, __provider: "code", a__b: 2 };
    const secret = { additionalSecretOutputs: ["key", "later"] };
    const after = change({ op: "create", urn: urn("h"), newState: state(inputs, secret) })?.after;
    assert.deepEqual(after, { key: "[secret]", later: UNKNOWN, open: 1, a__b: 2 });
  });

  it("masks the eight random digits of a new name, and nothing else", () => {
    const shownName = (after: string, before?: string) =>
      change({
        ...{ op: "replace", urn: urn("hub-"), newState: state({ name: after }) },
        ...(before === undefined ? {} : { oldState: state({ name: before }) }),
      })?.after.name;
    assert.equal(shownName("hub-0123abcd"), "hub-########");
    assert.equal(shownName("hub-0123abcd", "hub-99999999"), "hub-########");
    for (const kept of ["hub-0123abc", "hub-0123abcde", "hub-x0123abcd", "my-hub-0123abcd", "hub-0123ABCD"])
      assert.equal(shownName(kept), kept);
    assert.equal(shownName("hub-0123abcd", "hub-0123abcd"), "hub-0123abcd");
  });

  it("compares updates and replacements only", () => {
    const both = { oldState: state({ units: 1 }), newState: state({ units: 2 }) };
    for (const [op, paths] of [
      ["update", ["units"]],
      ["replace", ["units"]],
      ["create", []],
      ["delete", []],
    ] as const)
      assert.deepEqual(
        change({ op, urn: urn("h"), ...both })?.differences.map(({ path }) => path),
        paths,
        op,
      );
  });

  it("sorts reasons, each once, and changes by kind and name", () => {
    const step = (op: string, ...replaceReasons: readonly string[]): Step => ({ op, urn: urn("b"), replaceReasons });
    assert.deepEqual(change(step("replace", "sku", "name"), step("delete-replaced", "name"))?.reasons, ["name", "sku"]);
    const other = "azure-native:deviceprovisioningservices:IotDpsResource";
    const found = changes(
      ...[urn("b"), urn("a"), urn("z", other)].map((each) => ({ op: "create", urn: each, newState: state() })),
    );
    assert.deepEqual(
      found.map(({ type, name }) => [type, name]),
      [
        ["IotDpsResource", "z"],
        ["IotHubResource", "a"],
        ["IotHubResource", "b"],
      ],
    );
  });
});
