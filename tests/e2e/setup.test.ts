import { strict as assert } from "node:assert";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { rememberedPorts } from "../../cli/local/localAzureProcess";
import { Checkout, type CommandEnd, UNCHECKED } from "../cast/checkout";
import { SecretsVault } from "../cast/secretsVault";

const PROJECT = "azure-iot-zero-touch";
/** What Pulumi writes into the settings of a stack with the passphrase "another". */
const SALT_OF_ANOTHER = "v1:n7twLb7HAgo=:v1:Do/LhyGPwmn7mfId:F018eVzX3EP7ee20JZ+CuLdLL6Ulww==";

/** Asserts a failure with these words, without a stack trace. */
function assertFails(end: CommandEnd, ...words: readonly (string | RegExp)[]): void {
  const all = end.stdout + end.stderr;
  assert.notEqual(end.code, 0, all);
  for (const word of words) {
    if (typeof word === "string") assert.ok(all.includes(word), `${word} is not in:\n${all}`);
    else assert.match(all, word);
  }
  assert.doesNotMatch(all, /^\s+at .*(?:\.[cm]?[jt]s|node:[\w/]+):\d+:\d+/m);
  assert.doesNotMatch(all, /The environment is deployed/);
}

/** Invalid set-ups through a user's commands, on a clone of the project. */
describe("an invalid set-up of a clone", function () {
  this.timeout(300_000);
  let checkout: Checkout;
  const settings = (): string => join(checkout.folder, "Pulumi.dev.yaml");

  before(() => {
    checkout = new Checkout();
    checkout.environment = UNCHECKED;
  });
  after(() => checkout?.remove());

  /** Runs with changed settings of the stack `dev`, and restores them. */
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

  it("lists the known commands and actions after an unknown one, and creates nothing", async () => {
    assertFails(
      await checkout.zero("upp"),
      'There is no command "upp".',
      "Commands: up, preview, ",
      /Commands: .*\bdown, local start\b/,
      "npm run up",
    );
    const bare = await checkout.zero();
    assert.deepEqual([bare.code, /^Usage: zero-touch certs COMMAND/m.test(bare.stdout)], [0, true]);
    assertFails(await checkout.zero("local", "dance"), 'has no action "dance"', "start, stop, status, reset, logs");
    assert.ok(!existsSync(checkout.paths.local));
  });

  it("rejects a stack of another cloud, by settings or by name, and creates nothing", async () => {
    const words = ['The stack dev is set to the cloud "public"', "git checkout -- Pulumi.dev.yaml"];
    await withSettings(
      (text) => text.replace(":cloud: local", ":cloud: public"),
      async () => {
        for (const name of ["up", "preview", "env", "down"]) assertFails(await checkout.zero(name), ...words);
      },
    );
    assertFails(await checkout.zero("up", "--stack", "prod"), "drive the stack dev on the local Azure, not prod");
    assert.ok(!existsSync(checkout.paths.local));
  });

  it("creates and selects no stack with env", async () => {
    await checkout.placeKeys();
    const shell = await checkout.env();
    assert.match(shell, /^export PULUMI_STACK='dev'$/m);
    assert.equal(checkout.state, undefined);
    assertFails(await checkout.shell("pulumi preview --non-interactive", shell), "no stack selected");
  });

  it("reports all errors of the settings at once, and creates nothing", async () => {
    const invalid = `  ${PROJECT}:hubUnits: "500"\n  ${PROJECT}:keyAlgorithm: DSA\n  ${PROJECT}:hubName: a b\n`;
    await withSettings(
      (text) => text + invalid,
      async () => {
        const end = await checkout.zero("up");
        assertFails(end, /The configuration of stack "dev" has 3 errors; nothing was changed/, 'hubUnits = "500"');
        assertFails(
          end,
          'hubUnits = "500": must be a whole number from 1 to 200',
          'keyAlgorithm = "DSA": must be one of',
        );
        assertFails(end, 'hubName = "a b": ', "To fix:");
        assertFails(await checkout.zero("preview"), "has 3 errors");
      },
    );
    // The stack itself, as Pulumi keeps it after any run.
    assert.ok((checkout.state?.resources ?? 0) <= 1);
  });

  it("reports a wrong passphrase, with a remedy", async () => {
    const shell = await checkout.env();
    await withSettings(
      (text) => text.replace(/^encryptionsalt: .*$/m, `encryptionsalt: ${SALT_OF_ANOTHER}`),
      async () => {
        for (const name of ["up", "preview"]) {
          const words = ["The passphrase does not open the stack dev.", "git checkout -- Pulumi.dev.yaml"];
          assertFails(await checkout.zero(name), ...words);
        }
      },
    );
    const plain = await checkout.shell("PULUMI_CONFIG_PASSPHRASE=wrong pulumi preview --stack dev", shell);
    assertFails(plain, "error: getting stack configuration: get stack secrets manager: incorrect passphrase");
    assert.equal(checkout.gitStatus(), "");
  });

  const isStopped = ["The local Azure is not running at", "To fix: run `npm run local -- start`"];
  const line = "pulumi preview --non-interactive --stack dev";

  it("says in a shell that points at a stopped local Azure how to start it, before up", async () => {
    const shell = await checkout.env();
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    assert.equal((await checkout.zero("local", "status")).code, 3);
    assertFails(await checkout.shell(line, shell), ...isStopped);
  });

  it("names the port that another program uses, and does not change the stack", async () => {
    const before = checkout.state;
    const port = rememberedPorts(checkout.paths.azure).proxy;
    assert.ok(port !== undefined);
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    assert.equal((other.address() as AddressInfo).port, port);
    try {
      const end = await checkout.zero("up");
      assertFails(end, `Port ${port} (proxy) of the local Azure is taken by another program.`, "ports.json");
      assert.equal(end.stdout, "");
      assert.deepEqual(checkout.state, before);
    } finally {
      other.close();
    }
  });

  it("deploys at the same time as another clone on this machine without interference", async () => {
    // Both choose their ports now.
    assert.equal((await checkout.zero("down")).code, 0);
    assert.ok(!existsSync(checkout.paths.local));
    const secrets = await SecretsVault.start();
    const other = new Checkout(secrets);
    try {
      const clones = [other, checkout];
      for (const clone of clones) await clone.placeKeys();
      const ends = await Promise.all(clones.map((clone) => clone.zero("up")));
      for (const { code, stdout, stderr } of ends) {
        assert.equal(code, 0, stdout + stderr);
        assert.equal(stdout.match(/accepted with 204, read back from the hub's events/g)?.length, 2);
      }
      const ports = clones.flatMap(({ paths }) => Object.values(rememberedPorts(paths.azure)));
      assert.ok(ports.length > 2);
      assert.equal(new Set(ports).size, ports.length);
      const hubs = clones.map(({ state }) => state?.outputs.hubName);
      assert.notEqual(hubs[0], hubs[1]);
      // Removing one does not affect the other.
      assert.equal((await other.zero("down")).code, 0);
      assert.equal((await checkout.zero("local", "status")).code, 0);
      assert.match((await checkout.zero("telemetry")).stdout, /sensor-01 .*"temperature":30/);
      const talking = await checkout.zero("devices", "--count", "2", "--interval", "1");
      assert.equal(talking.code, 0, talking.stdout + talking.stderr);
      assert.match(talking.stdout, /sensor-01 {2}\{"temperature":31.5\} {2}accepted with 204/);
      assert.match(talking.stdout, /4 messages accepted/);
    } finally {
      await other.remove();
      secrets.close();
    }
  });

  it("says it after up, too", async () => {
    const shell = await checkout.env();
    await checkout.attachProviders(shell);
    // Plain pulumi: with the stack that up selected, and where none is, as after the checkout was moved.
    const plain = "pulumi preview --non-interactive --expect-no-changes";
    assert.doesNotMatch(shell, /PULUMI_STACK=/);
    assert.equal((await checkout.shell("pulumi stack --show-name", shell)).stdout, "dev\n");
    rmSync(join(checkout.paths.pulumiHome, "workspaces"), { recursive: true });
    assert.equal((await checkout.shell(plain, await checkout.env())).code, 0);
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    checkout.isAttached = false;
    assertFails(await checkout.shell(line, shell), ...isStopped);
    const before = checkout.state;
    for (const command of ["refresh", "destroy"]) {
      const plain = await checkout.shell(`pulumi ${command} --yes --skip-preview --non-interactive --stack dev`, shell);
      assertFails(plain, ...isStopped);
      // Once, not for each resource.
      assert.doesNotMatch(plain.stdout + plain.stderr, /no answer|Could not read|Could not delete/);
    }
    assert.equal(checkout.state?.resources, before?.resources);
    checkout.isAttached = true;
    assert.equal((await checkout.zero("preview", "--expect-no-changes")).code, 0);
  });

  it("starts again after a reset of the local Azure", async () => {
    const reset = await checkout.zero("local", "reset");
    assert.match(reset.stdout, /^The local Azure is empty, .*stack dev too: npm run up .*\n$/);
    assert.equal((await checkout.zero("local", "reset")).stdout, "The local Azure is empty.\n");
    const up = await checkout.zero("up");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.equal(up.stdout.match(/accepted with 204, read back from the hub's events/g)?.length, 2);
    assert.equal(checkout.gitStatus(), "");
  });

  it("removes everything with down, and leaves the clone unchanged", async () => {
    const down = await checkout.zero("down");
    await checkout.endProviders();
    assert.equal(down.code, 0, down.stdout + down.stderr);
    assert.doesNotMatch(down.stdout, /stack rm/);
    assert.match(
      down.stdout,
      /\d+ deleted[\s\S]*Destroyed the stack dev, stopped the local Azure, deleted \.local\/\.\n$/,
    );
    assert.equal((await checkout.zero("down")).stdout, "There is nothing to remove.\n");
    assert.deepEqual(checkout.processes(), []);
    assert.equal(checkout.gitStatus(), "");
  });
});
