import { strict as assert } from "node:assert";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { rememberedPorts } from "../../cli/local/localAzureProcess";
import { Checkout, type CommandEnd } from "../cast/checkout";

const PROJECT = "azure-iot-zero-touch";

/** One clear message, and neither a stack trace nor a success. */
function refused(end: CommandEnd, ...words: readonly (string | RegExp)[]): void {
  const all = end.stdout + end.stderr;
  assert.notEqual(end.code, 0, all);
  for (const word of words) {
    if (typeof word === "string") assert.ok(all.includes(word), `${word} is not in:\n${all}`);
    else assert.match(all, word);
  }
  assert.doesNotMatch(all, /^\s+at .*(?:\.[cm]?[jt]s|node:[\w/]+):\d+:\d+/m);
  assert.doesNotMatch(all, /The environment is deployed/);
}

/** Bad set-up through the commands of a user, on a clone of the project. */
describe("bad set-up of a clone", function () {
  this.timeout(300_000);
  let checkout: Checkout;
  const settings = (): string => join(checkout.folder, "Pulumi.dev.yaml");

  before(() => {
    checkout = new Checkout();
  });
  after(() => checkout?.remove());

  /** Runs with other settings of the stack `dev`, which are put back. */
  async function withSettings(change: (text: string) => string, run: () => Promise<void>): Promise<void> {
    const kept = readFileSync(settings(), "utf8");
    const changed = change(kept);
    assert.notEqual(changed, kept);
    writeFileSync(settings(), changed);
    try {
      await run();
      assert.equal(readFileSync(settings(), "utf8"), changed);
    } finally {
      writeFileSync(settings(), kept);
    }
  }

  it("names the known commands and actions to who calls an unknown one, and makes nothing", async () => {
    refused(
      await checkout.zero("upp"),
      'There is no command "upp".',
      "Commands: up, preview, ",
      /Commands: .*\bdown, local start\b/,
      "npm run up",
    );
    const bare = await checkout.zero();
    assert.deepEqual([bare.code, /^Usage: zero-touch certs COMMAND/m.test(bare.stdout)], [0, true]);
    refused(await checkout.zero("local", "dance"), 'has no action "dance"', "start, stop, status, reset, logs");
    assert.ok(!existsSync(checkout.paths.local));
  });

  it("works on no stack of another cloud, by settings or by name, and makes nothing", async () => {
    const words = ['The stack dev is set to the cloud "public"', "git checkout -- Pulumi.dev.yaml"];
    await withSettings(
      (text) => text.replace(":cloud: local", ":cloud: public"),
      async () => {
        for (const name of ["up", "preview", "env", "down"]) refused(await checkout.zero(name), ...words);
      },
    );
    refused(await checkout.zero("up", "--stack", "prod"), "drive the stack dev on the local Azure, not prod");
    assert.ok(!existsSync(checkout.paths.local));
  });

  it("creates and selects no stack by env", async () => {
    const shell = await checkout.env();
    assert.match(shell, /^export PULUMI_STACK='dev'$/m);
    assert.equal(checkout.state, undefined);
    refused(await checkout.shell("pulumi preview --non-interactive", shell), "no stack selected");
    assert.equal((await checkout.zero("down")).code, 0);
  });

  it("names the port that another program took, and leaves the stack alone", async () => {
    assert.equal((await checkout.zero("local", "start")).code, 0);
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    const port = rememberedPorts(checkout.paths.azure).proxy;
    assert.ok(port !== undefined);
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    assert.equal((other.address() as AddressInfo).port, port);
    try {
      const end = await checkout.zero("up");
      refused(end, `Port ${port} (proxy) of the local Azure is taken by another program.`, "ports.json");
      assert.equal(end.stdout, "");
      assert.equal(checkout.state?.resources ?? 0, 0);
    } finally {
      other.close();
    }
  });

  it("tells every fault of the settings at once, and makes nothing", async () => {
    const faulty = `  ${PROJECT}:hubUnits: "500"\n  ${PROJECT}:keyAlgorithm: DSA\n  ${PROJECT}:hubName: a b\n`;
    await withSettings(
      (text) => text + faulty,
      async () => {
        const end = await checkout.zero("up");
        refused(end, /The configuration of stack "dev" has 3 errors; nothing was changed/, 'hubUnits = "500"');
        refused(end, 'keyAlgorithm = "DSA"', 'hubName = "a b"', "To fix:");
        refused(await checkout.zero("preview"), "has 3 errors");
      },
    );
    // The stack itself, as Pulumi keeps it after any run.
    assert.ok((checkout.state?.resources ?? 0) <= 1);
  });

  it("says that the passphrase is wrong, and how to go on", async () => {
    const shell = await checkout.env();
    const made = await checkout.shell("PULUMI_CONFIG_PASSPHRASE=another pulumi stack init other", shell);
    assert.equal(made.code, 0, made.stderr);
    const other = join(checkout.folder, "Pulumi.other.yaml");
    const salt = /^encryptionsalt: .*$/m.exec(readFileSync(other, "utf8"))?.[0] ?? assert.fail("no salt");
    rmSync(other);
    await withSettings(
      (text) => text.replace(/^encryptionsalt: .*$/m, salt),
      async () => {
        for (const name of ["up", "preview"]) {
          const words = ["The passphrase does not open the stack dev.", "git checkout -- Pulumi.dev.yaml"];
          refused(await checkout.zero(name), ...words);
        }
      },
    );
    const plain = await checkout.shell("PULUMI_CONFIG_PASSPHRASE=wrong pulumi preview --stack dev", shell);
    refused(plain, "error: getting stack configuration: get stack secrets manager: incorrect passphrase");
    assert.equal(checkout.gitStatus(), "");
  });

  it("tells a shell that points at a stopped local Azure how to start it, before and after up", async () => {
    const shell = await checkout.env();
    const words = ["The local Azure is not running at", "To fix: run `npm run local -- start`"];
    const line = "pulumi preview --non-interactive --stack dev";
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    assert.equal((await checkout.zero("local", "status")).code, 3);
    refused(await checkout.shell(line, shell), ...words);
    assert.equal((await checkout.zero("up")).code, 0);
    assert.equal((await checkout.shell(line, shell)).code, 0);
    // Plain pulumi: with the stack that up selected, and where none is, as after the checkout was moved.
    const plain = "pulumi preview --non-interactive --expect-no-changes";
    assert.equal((await checkout.shell("pulumi stack select dev", shell)).code, 0);
    const selected = await checkout.env();
    assert.doesNotMatch(selected, /PULUMI_STACK=/);
    assert.equal((await checkout.shell(plain, selected)).code, 0);
    rmSync(join(checkout.paths.pulumiHome, "workspaces"), { recursive: true });
    assert.equal((await checkout.shell(plain, await checkout.env())).code, 0);
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    refused(await checkout.shell(line, shell), ...words);
    const before = checkout.state;
    for (const command of ["refresh", "destroy"]) {
      const plain = await checkout.shell(`pulumi ${command} --yes --skip-preview --non-interactive --stack dev`, shell);
      refused(plain, ...words);
      // Once, and not for each resource.
      assert.doesNotMatch(plain.stdout + plain.stderr, /no answer|Could not read|Could not delete/);
    }
    assert.equal(checkout.state?.resources, before?.resources);
    assert.equal((await checkout.zero("preview", "--expect-no-changes")).code, 0);
  });

  it("begins anew after a reset of the local Azure", async () => {
    const reset = await checkout.zero("local", "reset");
    assert.equal(reset.stdout, "The local Azure is empty, and the stack dev too: npm run up creates it again.\n");
    assert.equal((await checkout.zero("local", "reset")).stdout, "The local Azure is empty.\n");
    const up = await checkout.zero("up");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.equal(up.stdout.match(/accepted with 204, seen arriving at the hub/g)?.length, 2);
    assert.equal(checkout.gitStatus(), "");
  });

  it("goes down whatever came before, and leaves the clone as it was", async () => {
    const down = await checkout.zero("down");
    assert.equal(down.code, 0, down.stdout + down.stderr);
    assert.doesNotMatch(down.stdout, /stack rm/);
    assert.match(down.stdout, /\d+ deleted[\s\S]*All is down: the stack, the local Azure and \.local\/ are gone\.\n$/);
    assert.equal((await checkout.zero("down")).stdout, "There is nothing to remove.\n");
    assert.deepEqual(checkout.processes(), []);
    assert.equal(checkout.gitStatus(), "");
  });
});

describe("two clones on one machine", function () {
  this.timeout(300_000);

  it("stand up at the same time without meeting", async () => {
    const clones = [new Checkout(), new Checkout()];
    try {
      const ends = await Promise.all(clones.map((clone) => clone.zero("up")));
      for (const { code, stdout, stderr } of ends) {
        assert.equal(code, 0, stdout + stderr);
        assert.equal(stdout.match(/accepted with 204, seen arriving at the hub/g)?.length, 2);
      }
      const ports = clones.flatMap(({ paths }) => Object.values(rememberedPorts(paths.azure)));
      assert.ok(ports.length > 2);
      assert.equal(new Set(ports).size, ports.length);
      const hubs = clones.map(({ state }) => state?.outputs.hubName);
      assert.notEqual(hubs[0], hubs[1]);
      // The end of one is no end of the other.
      assert.equal((await clones[0]?.zero("down"))?.code, 0);
      assert.equal((await clones[1]?.zero("local", "status"))?.code, 0);
      assert.match((await clones[1]?.zero("telemetry"))?.stdout ?? "", /sensor-01 .*"temperature":30/);
    } finally {
      await Promise.all(clones.map((clone) => clone.remove()));
    }
  });
});
