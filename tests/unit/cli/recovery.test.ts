import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SetupError } from "../../../bootstrap/setupError.cjs";
import { checkArguments, checkCloud, cloudOf } from "../../../cli/pulumi/devStack";
import { knownErrorOf } from "../../../cli/pulumi/engineErrors";
import { engineChildren, isOurs } from "../../../cli/pulumi/orphanProcesses";
import { idOf, settled } from "../../../cli/pulumi/pendingOperations";
import { freeStack, judge, lockFolder, locks, releaseDeadLocks } from "../../../cli/pulumi/stackLock";
import {
  forgetStack,
  hasSelectedStack,
  otherStacks,
  type PendingOperation,
  parseState,
  readState,
  stateFile,
} from "../../../cli/pulumi/stackState";

describe("cli/pulumi/stackLock", () => {
  let state = "";
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "locks-"));
    mkdirSync(lockFolder({ state }), { recursive: true });
  });
  afterEach(() => rmSync(state, { recursive: true }));

  function lock(name: string, text: string): string {
    const file = join(lockFolder({ state }), `${name}.json`);
    writeFileSync(file, text);
    writeFileSync(`${file}.attrs`, "{}");
    return file;
  }
  const of = (pid: number, hostname = "here") => JSON.stringify({ pid, username: "a", hostname, timestamp: "" });
  const options = { host: "here", program: (pid: number) => (pid === 7 ? "pulumi" : undefined) };

  it("judges by machine, process and program", () => {
    const one = { file: "", pid: 7, hostname: "here" };
    assert.equal(
      judge(one, "here", () => undefined),
      "dead",
    );
    assert.equal(
      judge(one, "here", () => "pulumi"),
      "live",
    );
    assert.equal(
      judge(one, "here", () => "firefox"),
      "dead",
    );
    assert.equal(
      judge(one, "there", () => undefined),
      "foreign",
    );
  });

  it("removes only the locks of dead processes", () => {
    const dead = lock("dead", of(5));
    const live = lock("live", of(7));
    const foreign = lock("foreign", of(5, "there"));
    const half = lock("half", "{");
    const { released, held } = releaseDeadLocks({ state }, options);
    assert.equal(released, 2);
    assert.deepEqual(held.map(({ file }) => file).sort(), [foreign, live]);
    for (const file of [dead, half]) assert.ok(!existsSync(file) && !existsSync(`${file}.attrs`), file);
    assert.equal(readdirSync(lockFolder({ state })).length, 4);
  });

  it("finds nothing if no stack was ever locked", async () => {
    assert.deepEqual(locks({ state: join(state, "none") }), []);
    assert.equal(await freeStack({ state }, options), false);
  });

  it("waits for a live run, and continues if it ends without releasing its lock", async () => {
    lock("live", of(7));
    let asked = 0;
    const program = () => (asked++ < 2 ? "pulumi" : undefined);
    assert.equal(await freeStack({ state }, { host: "here", program }), true);
    assert.deepEqual(locks({ state }), []);
  });

  it("times out waiting for a live run, and names it", async () => {
    const file = lock("live", of(7));
    await assert.rejects(freeStack({ state }, { ...options, patience: 0 }), (error: SetupError) => {
      assert.equal(error.code, "STACK_LOCKED");
      assert.equal(error.why, "Process 7 on here holds its lock.");
      return true;
    });
    assert.ok(existsSync(file));
  });
});

describe("cli/pulumi/pendingOperations", () => {
  const NOW = new Date("2026-01-01T00:01:00Z");
  const operation = (type: string, inputs: Record<string, unknown>, what = "creating"): PendingOperation => ({
    type: what,
    resource: { urn: `urn:${type}`, type, inputs },
  });
  const group = { resourceGroupName: "rg" };
  const devices = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Devices";

  it("takes what a killed plugin created alone into the state, for the refresh to read", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::p::${type}::${name}`;
    const resources = [
      { urn: urn("pulumi:pulumi:Stack", "p-dev") },
      { urn: urn("pulumi:providers:azure-native", "default_3_28_0"), id: "provider-id" },
      { urn: urn("zero-touch:iot:IotHub", "zt") },
      { urn: urn("azure-native:resources:ResourceGroup", "rg"), id: "/rg" },
    ];
    const hub = { urn: urn("zero-touch:iot:IotHub$azure-native:iothub:IotHubResource", "hub"), id: "/hub" };
    const begun = operation("azure-native:keyvault:Vault", {});
    const creates = [
      hub,
      // Known already, of another stack, and with a pending operation.
      { urn: urn("azure-native:resources:ResourceGroup", "rg"), id: "/rg" },
      { urn: hub.urn.replace("dev", "other"), id: "/other" },
      { urn: begun.resource.urn, id: "/vault" },
    ];
    const deployment = { resources, pending_operations: [begun] };
    const by = { subscriptionId: "s", now: NOW, creates };
    assert.deepEqual(settled({ version: 3, deployment }, by).deployment.resources?.slice(4), [
      {
        ...hub,
        type: "azure-native:iothub:IotHubResource",
        custom: true,
        inputs: {},
        outputs: {},
        provider: `${resources[1]?.urn}::provider-id`,
        parent: resources[2]?.urn,
      },
    ]);
    // The state's own resource stays, whatever its ID: nothing is deleted by a file's word.
    const former = { ...hub, id: "/HUB" };
    const known = settled({ version: 3, deployment: { resources: [...resources, former] } }, by).deployment.resources;
    assert.deepEqual(known?.slice(4), [former]);
    // It takes the place of one that was deleted for it.
    const awaited = { resources: [...resources, { ...former, pendingReplacement: true }] };
    const states = settled({ version: 3, deployment: awaited }, by).deployment.resources?.slice(4);
    assert.deepEqual(
      states?.map(({ id }) => id),
      ["/hub"],
    );
  });

  it("computes the ids of the types that this toolkit creates", () => {
    for (const [type, inputs, id] of [
      ["resources:ResourceGroup", group, "/subscriptions/s/resourceGroups/rg"],
      ["iothub:IotHubResource", { ...group, resourceName: "h" }, `${devices}/IotHubs/h`],
      [
        "deviceprovisioningservices:IotDpsResource",
        { ...group, provisioningServiceName: "d" },
        `${devices}/provisioningServices/d`,
      ],
      [
        "deviceprovisioningservices:DpsCertificate",
        { ...group, provisioningServiceName: "d", certificateName: "c" },
        `${devices}/provisioningServices/d/certificates/c`,
      ],
    ] as const) {
      assert.equal(idOf(operation(`azure-native:${type}`, inputs), "s"), id);
    }
  });

  it("computes no id from missing or secret names, or for other types", () => {
    assert.equal(idOf(operation("azure-native:iothub:IotHubResource", group), "s"), undefined);
    assert.equal(
      idOf(operation("azure-native:resources:ResourceGroup", { resourceGroupName: { secret: 1 } }), "s"),
      undefined,
    );
    assert.equal(idOf(operation("pulumi-nodejs:dynamic/iot:DeviceCertificate", group), "s"), undefined);
    const enrollment = { serviceEndpoint: "d.example", enrollmentGroupId: "g" };
    const dynamic = (inputs: Record<string, unknown>) => operation("pulumi-nodejs:dynamic/iot:EnrollmentGroup", inputs);
    assert.equal(idOf(dynamic(enrollment), "s"), "d.example/enrollmentGroups/g");
    assert.equal(idOf(dynamic({ ...enrollment, vaultUri: "https://v.example" }), "s"), undefined);
    assert.equal(idOf(operation("constructor", {}), "s"), undefined);
  });

  it("makes resources of creations with an id, drops the others, leaves updates and deletions to the refresh", () => {
    const begun = operation("azure-native:resources:ResourceGroup", group);
    const dynamic = operation("pulumi-nodejs:dynamic/iot:EnrollmentGroup", {});
    const deleting = operation("azure-native:resources:ResourceGroup", group, "deleting");
    const before = { urn: "urn:stack", extra: "kept" };
    const deployment = { manifest: {}, resources: [before], pending_operations: [begun, dynamic, deleting] };
    assert.deepEqual(settled({ version: 3, deployment }, { subscriptionId: "s", now: NOW }), {
      version: 3,
      deployment: {
        manifest: {},
        resources: [before, { ...begun.resource, id: "/subscriptions/s/resourceGroups/rg", outputs: group }],
        pending_operations: [deleting],
      },
    });
  });

  it("puts a begun replacement in the place of the old resource, which is deleted next unless it is deleted already", () => {
    const begun = operation("azure-native:resources:ResourceGroup", group);
    const { urn } = begun.resource;
    const created = { ...begun.resource, id: "/subscriptions/s/resourceGroups/rg", outputs: group };
    const resourcesAfter = (old: object) => {
      const resources = [{ urn, ...old }, { urn: "urn:dependent" }];
      return settled(
        { version: 3, deployment: { resources, pending_operations: [begun] } },
        { subscriptionId: "s", now: NOW },
      ).deployment.resources;
    };
    assert.deepEqual(resourcesAfter({ id: "old" }), [
      created,
      { urn: "urn:dependent" },
      { urn, id: "old", delete: true },
    ]);
    assert.deepEqual(resourcesAfter({ pendingReplacement: true }), [created, { urn: "urn:dependent" }]);
    assert.deepEqual(resourcesAfter({ delete: true }), [{ urn: "urn:dependent" }, created, { urn, delete: true }]);
  });

  it("notes what an interrupted operation may have done, for `read` to look", () => {
    const time = "2026-01-01T00:00:00Z";
    const settledOutputs = (type: string, inputs: object, outputs?: object) => {
      const begun = operation(`pulumi-nodejs:dynamic/iot:${type}`, { ...inputs }, outputs ? "updating" : "creating");
      const resources = outputs ? [{ urn: begun.resource.urn, outputs: { ...outputs } }] : [];
      const deployment = { manifest: { time }, resources, pending_operations: [begun] };
      return settled({ version: 3, deployment }, { subscriptionId: "s", now: NOW }).deployment.resources?.[0]?.outputs;
    };
    const service = { serviceEndpoint: "d.example" };
    const period = { from: time, until: NOW.toISOString() };
    const entries = { "device:a": { deviceId: "new" }, "device:b": {} };
    const old = { ...service, "device:a": { deviceId: "old" } };
    const b = { entry: {}, ...period };
    assert.deepEqual(settledOutputs("EnrollmentList", { ...service, ...entries }, old), { ...old, begun: { b } });
    assert.deepEqual(settledOutputs("EnrollmentList", { ...service, ...entries }), {
      ...service,
      begun: { a: { entry: { deviceId: "new" }, ...period }, b },
    });

    const [one, two] = [{ registrationId: "a" }, { registrationId: "b" }];
    const revoked = { ...service, devices: [one, two], thumbprints: ["t"] };
    const before = { ...service, devices: [one], thumbprints: ["t"], blocked: [{ ...one, assignedHub: "h" }] };
    assert.deepEqual(settledOutputs("Revocations", revoked, before), { ...before, blocked: [...before.blocked, two] });
    assert.deepEqual(settledOutputs("Revocations", revoked), {
      ...service,
      devices: [],
      thumbprints: [],
      blocked: [one, two],
    });

    const group = { ...service, enrollmentGroupId: "g" };
    assert.deepEqual(settledOutputs("EnrollmentGroup", group), { ...group, begun: true });
    assert.deepEqual(settledOutputs("EnrollmentGroup", group, { ...group, etag: "1" }), { ...group, etag: "1" });
  });

  it("leaves a state without pending operations unchanged", () => {
    const { deployment } = settled(
      { version: 3, deployment: { resources: [{ urn: "a" }] } },
      { subscriptionId: "s", now: NOW },
    );
    assert.deepEqual(deployment, { resources: [{ urn: "a" }], pending_operations: [] });
  });
});

describe("cli/pulumi/orphanProcesses", () => {
  const listing = `
    1 /sbin/init
  100 node /a/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js 127.0.0.1:4000
  101 node /b/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js 127.0.0.1:4001
  102 node /a/.local/pulumi/plugins/resource-azure-native-v3.28.0/pulumi-resource-azure-native 127.0.0.1:4002
  103 vim /a/.local/pulumi/plugins/notes
  104 /cache/bin/pulumi-language-nodejs -typescript=false -nodeargs=--require ./x.cjs 127.0.0.1:4004
  105 /cache/bin/pulumi-language-nodejs 127.0.0.1:4005
  106 /cache/bin/another 127.0.0.1:4006
  107 node --require ./x.cjs /m/@pulumi/pulumi/cmd/run/index.js --monitor 127.0.0.1:9 --engine 127.0.0.1:4007 --pwd /a start.cjs
  108 node /m/@pulumi/pulumi/cmd/run/index.js --monitor 127.0.0.1:9 --engine 127.0.0.1:4008 --pwd /b start.cjs
  109 node /m/another/run/index.js --engine 127.0.0.1:4009 --pwd /a start.cjs
`;
  const checkout = {
    root: "/a",
    marks: ["/a/node_modules/@pulumi/pulumi/cmd/dynamic-provider", "/a/.local/pulumi/plugins/"],
  };

  it("finds processes of engines, and the engine's port, in a listing", () => {
    const ports = engineChildren(listing).map(({ pid, enginePort }) => [pid, enginePort]);
    assert.deepEqual(ports, [
      [100, 4000],
      [101, 4001],
      [102, 4002],
      [104, 4004],
      [105, 4005],
      [106, 4006],
      [107, 4007],
      [108, 4008],
    ]);
  });

  it("knows this checkout's by the path of a plugin, and by the folder of a language host or a program", () => {
    const folders: Readonly<Record<number, string>> = { 104: "/a", 105: "/b", 106: "/a", 107: "/a", 108: "/b" };
    const ours = engineChildren(listing).filter((child) => isOurs(child, checkout, (pid) => folders[pid]));
    assert.deepEqual(
      ours.map(({ pid }) => pid),
      [100, 102, 104, 107],
    );
  });

  it("ignores a language host if the system does not report its folder", () => {
    const host = { pid: 104, args: "/cache/bin/pulumi-language-nodejs", enginePort: 1 };
    assert.equal(
      isOurs(host, checkout, () => undefined),
      false,
    );
  });
});

describe("cli/pulumi/stackState", () => {
  it("reads outputs, URNs, resources and pending operations", () => {
    const stack = { urn: "s", type: "pulumi:pulumi:Stack", outputs: { idScope: "0ne" } };
    const resources = [stack, { urn: "h", type: "x" }, { urn: "old", type: "x", delete: true }];
    const pending = [{ type: "creating", resource: { urn: "u", type: "t" } }];
    const text = JSON.stringify({ version: 3, checkpoint: { latest: { resources, pending_operations: pending } } });
    assert.deepEqual(parseState(text), {
      outputs: { idScope: "0ne" },
      resources: 3,
      pending,
      urns: new Set(["s", "h"]),
    });
  });

  it("reads a new stack as empty, and a missing one as none", () => {
    const empty = { outputs: {}, resources: 0, pending: [], urns: new Set() };
    assert.deepEqual(parseState('{"version":3,"checkpoint":{}}'), empty);
    const state = join(tmpdir(), "no-such-state");
    assert.equal(readState({ state }), undefined);
    const file = stateFile({ state }).replaceAll("\\", "/");
    assert.ok(file.endsWith("/.pulumi/stacks/azure-iot-zero-touch/dev.json"));
  });

  it("knows whether a stack is selected in a PULUMI_HOME for the checkout's path", () => {
    const home = mkdtempSync(join(tmpdir(), "home-"));
    try {
      assert.equal(hasSelectedStack(home, "/tmp/ps"), false);
      // As Pulumi 3.256 writes it: the name is the SHA-1 of the path of Pulumi.yaml.
      const name = "azure-iot-zero-touch-bc7bdadad008db1c06479796dcee32e5391a6a38-workspace.json";
      mkdirSync(join(home, "workspaces"));
      const write = (content: unknown) => writeFileSync(join(home, "workspaces", name), JSON.stringify(content));
      write({ stacks: { "file:///tmp/ps/state": "organization/azure-iot-zero-touch/other" } });
      assert.equal(hasSelectedStack(home, "/tmp/ps"), true);
      assert.equal(hasSelectedStack(home, "/tmp/moved"), false);
      write({ stacks: {} });
      assert.equal(hasSelectedStack(home, "/tmp/ps"), false);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("finds other deployed stacks, of this project and of others", () => {
    const state = mkdtempSync(join(tmpdir(), "others-"));
    try {
      assert.deepEqual(otherStacks({ state }), []);
      const own = dirname(stateFile({ state }));
      const plants = join(dirname(own), "plants");
      const deployed = JSON.stringify({ checkpoint: { latest: { resources: [{ type: "pulumi:pulumi:Stack" }] } } });
      for (const folder of [own, plants]) mkdirSync(folder, { recursive: true });
      for (const name of ["dev.json", "dev.json.bak", "second.json", "second.json.attrs"])
        writeFileSync(join(own, name), deployed);
      writeFileSync(join(own, "empty.json"), '{"checkpoint":{"latest":{}}}');
      writeFileSync(join(plants, "trial.json"), "half wri");
      assert.deepEqual(otherStacks({ state }), ["azure-iot-zero-touch/second", "plants/trial"]);
    } finally {
      rmSync(state, { recursive: true });
    }
  });

  it("forgets the stack dev with its copies, and no other stack", () => {
    const state = mkdtempSync(join(tmpdir(), "forget-"));
    try {
      const folder = dirname(stateFile({ state }));
      mkdirSync(folder, { recursive: true });
      const names = ["dev.json", "dev.json.attrs", "dev.json.bak", "dev.json.bak.attrs", "other.json"];
      for (const name of names) writeFileSync(join(folder, name), "{}");
      forgetStack({ state });
      assert.deepEqual(readdirSync(folder), ["other.json"]);
      forgetStack({ state });
    } finally {
      rmSync(state, { recursive: true });
    }
  });
});

describe("cli/pulumi/devStack", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "stack-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const wrongCloud = { name: "SetupError", code: "STACK_OF_ANOTHER_CLOUD" };

  it("reads the cloud of a stack's settings", () => {
    assert.equal(cloudOf("config:\n  azure-iot-zero-touch:cloud: local\n"), "local");
    assert.equal(cloudOf('config:\n  azure-iot-zero-touch:cloud: "public" # real\n'), "public");
    assert.equal(cloudOf("config:\n  # azure-iot-zero-touch:cloud: public\n"), undefined);
  });

  it("rejects settings of another cloud, accepts local and none", () => {
    checkCloud(root);
    const file = join(root, "Pulumi.dev.yaml");
    writeFileSync(file, "config:\n  azure-iot-zero-touch:cloud: local\n");
    checkCloud(root);
    writeFileSync(file, "config:\n  azure-iot-zero-touch:cloud: public\n");
    assert.throws(() => checkCloud(root), {
      ...wrongCloud,
      message: /stack dev .*"public".* local Azure only/,
    });
  });

  it("rejects the name of another stack in any spelling", () => {
    for (const args of [[], ["--refresh"], ["--stack", "dev"], ["--stack=dev"], ["-s", "dev"]]) checkArguments(args);
    for (const args of [["--stack", "prod"], ["--stack=prod"], ["-s", "prod"], ["--diff", "--stack"]]) {
      assert.throws(() => checkArguments(args), wrongCloud, args.join(" "));
    }
  });
});

describe("cli/pulumi/engineErrors", () => {
  it("gives a remedy for a value of another type", () => {
    const typeError = (key: string, type: string) =>
      knownErrorOf(
        `error: validating stack config: Stack 'dev' with configuration key '${key}' must be of type '${type}'`,
      );
    assert.equal(typeError("hubUnits", "integer")?.message, "The setting hubUnits must be of type integer.");
    assert.deepEqual(typeError("hubUnits", "integer")?.remedies, [
      "pulumi config set hubUnits 1",
      "pulumi config rm hubUnits: takes its default",
    ]);
    assert.equal(typeError("protect", "boolean")?.remedies[0], "pulumi config set protect true");
    assert.equal(
      typeError("groupDevices", "array<string>")?.remedies[0],
      "pulumi config rm groupDevices, then pulumi config set --path 'groupDevices[0]' VALUE",
    );
    assert.equal(typeError("new", "object")?.remedies[0], "pulumi config set new VALUE");
  });

  it("knows a wrong passphrase and a locked stack, and nothing else", () => {
    const passphrase = "error: getting stack configuration: get stack secrets manager: incorrect passphrase";
    assert.equal(knownErrorOf(passphrase)?.code, "WRONG_PASSPHRASE");
    const locked = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or";
    assert.equal(knownErrorOf(locked)?.code, "STACK_LOCKED");
    assert.equal(knownErrorOf("error: update failed"), undefined);
    assert.equal(knownErrorOf("error: validating stack config: no such file"), undefined);
    assert.equal(knownErrorOf("an incorrect passphrase is what this note is about"), undefined);
  });
});
