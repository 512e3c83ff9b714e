import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { readCommandLine } from "../../../emulator/commandOptions";
import { withPreload } from "../../../emulator/contract/nodePreload";
import { start } from "../../../emulator/inProcess";
import { checkListenOptions } from "../../../emulator/listenOptions";

const ROOT = resolve(__dirname, "../../..");
const COMPOSE = join(ROOT, "examples", "compose");
const ACTION = join(ROOT, "packages", "local-azure", "action");

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
  readonly volumes: readonly string[];
}

/** The instructions of the last stage of the Containerfile, by name. */
function containerInstructions(): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, "packages/local-azure/container/Containerfile"), "utf8");
  const stage = text.slice(text.lastIndexOf("\nFROM ")).replace(/\\\n/g, "");
  return new Map([...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/** The variables of an ENV instruction. */
const imageVariables = (): Record<string, string> =>
  Object.fromEntries((containerInstructions().get("ENV") ?? "").split(" ").map((pair) => pair.split("=")));

describe("the local Azure in a container", () => {
  const instructions = containerInstructions();

  it("is no root, keeps its state on a volume, and tells its health by its own command", () => {
    assert.equal(instructions.get("USER"), "1000:1000");
    assert.equal(instructions.get("VOLUME"), imageVariables().LOCAL_AZURE_DIR);
    assert.match(instructions.get("HEALTHCHECK") ?? "", /CMD \["local-azure", "status"\]$/);
    const { bin } = JSON.parse(readFileSync(join(ROOT, "packages/local-azure/package.json"), "utf8"));
    assert.deepEqual(JSON.parse(instructions.get("ENTRYPOINT") ?? ""), Object.keys(bin));
  });

  it("listens where the image says, at the ports that it exposes", () => {
    const { directory, listen } = readCommandLine([], imageVariables());
    assert.deepEqual([directory, listen.host, listen.port], ["/data", "0.0.0.0", 8080]);
    checkListenOptions(listen);
    assert.equal(instructions.get("EXPOSE"), [0, 1, 2, 3].map((next) => Number(listen.port) + next).join(" "));
  });

  it("has a Node that the packages run on", () => {
    assert.match(instructions.get("FROM") ?? "", /^docker\.io\/library\/node:(?:20|22|24)-/);
  });
});

describe("examples/compose", () => {
  const { services, volumes } = parse(readFileSync(join(COMPOSE, "compose.yaml"), "utf8")) as {
    readonly services: Readonly<Record<"azure" | "enroll" | "device", ComposeService>>;
    readonly volumes: object;
  };
  const { azure, device, enroll } = services;

  it("publishes the image's ports at the loopback only, and leads Azure's names to it", () => {
    const variables = { ...imageVariables(), ...azure.environment };
    const { listen, starter } = readCommandLine(azure.command ?? [], variables);
    const last = Number(listen.port) + 3;
    assert.deepEqual(azure.ports, [`127.0.0.1:${listen.port}-${last}:${listen.port}-${last}`]);
    assert.deepEqual(listen.tlsPorts, [443, 8883, 5671]);
    assert.deepEqual([...(azure.networks?.default.aliases ?? [])].sort(), [
      "global.azure-devices-provisioning.net",
      `${starter.dps}.azure-devices-provisioning.net`,
      `${starter.hub}.azure-devices.net`,
    ]);
  });

  it("gives every container what it mounts, and the variables that the local Azure knows", () => {
    for (const { environment = {}, volumes: mounted } of Object.values(services)) {
      for (const [source = ""] of mounted.map((each) => each.split(":"))) {
        assert.ok(source.startsWith("./") ? readFileSync(join(COMPOSE, source)) : source in volumes, source);
      }
      for (const name of Object.keys(environment).filter((each) => each.startsWith("LOCAL_AZURE_"))) {
        const set = readCommandLine([], { [name]: "1" });
        assert.notDeepEqual(set, readCommandLine([], {}), name);
      }
    }
    assert.equal(readCommandLine(["env"], { ...imageVariables(), ...enroll.environment }).listen.host, "azure");
    assert.equal(device.image, containerInstructions().get("FROM"));
  });

  it("enrolls the device, which registers and sends telemetry", async () => {
    const folder = mkdtempSync(join(tmpdir(), "compose-"));
    const running = await start({ directory: join(folder, "state") });
    try {
      const command = join(folder, "local-azure");
      const program = ["bootstrap/typescript.cjs", "emulator/command.ts"].map((file) => `"${join(ROOT, file)}"`);
      writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" -r ${program.join(" ")} "$@"\n`);
      chmodSync(command, 0o755);
      const { set } = withPreload({ set: running.environment, unset: [] }, running.ready, {});
      const env = {
        ...process.env,
        ...set,
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        LOCAL_AZURE_DIR: join(folder, "state"),
        DEVICE_FOLDER: folder,
      };
      for (const script of ["enroll.mjs", "device.mjs"]) {
        await promisify(execFile)(process.execPath, [join(COMPOSE, script)], { env });
      }
      const [event] = (await running.telemetry("plants-hub", { deviceId: "press-01" })) as { readonly body: unknown }[];
      assert.deepEqual(event?.body, { temperature: 21 });
    } finally {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});

describe("the GitHub Action of the local Azure", () => {
  const { inputs, outputs, runs } = parse(readFileSync(join(ACTION, "action.yml"), "utf8")) as {
    readonly inputs: object;
    readonly outputs: object;
    readonly runs: Readonly<Record<"using" | "main" | "post", string>>;
  };
  const program = readFileSync(join(ACTION, runs.main), "utf8");

  it("reads the inputs and writes the outputs that it declares, and stops in a step after the job's", () => {
    const read = new Set([...program.matchAll(/input\("([\w-]+)"\)/g)].map(([, name]) => name));
    assert.deepEqual([...read, "hub", "dps"].sort(), Object.keys(inputs).sort());
    for (const name of Object.keys(outputs)) assert.match(program, new RegExp(`^ +"?${name}"?: `, "m"));
    assert.match(readFileSync(join(ACTION, runs.post), "utf8"), /STATE_pid/);
    assert.equal(runs.using, "node24");
  });
});
