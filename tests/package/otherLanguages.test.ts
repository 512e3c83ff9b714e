import { strict as assert } from "node:assert";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { buildPackage } from "../../cli/commands/build";
import { PINNED } from "../../cli/pulumi/cliVersion";
import { languageHosts } from "../cast/languages/languageHosts";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";
import { PulumiProject } from "../cast/pulumiProject";
import { runIn, writeFiles } from "../cast/userProgram";

const ROOT = resolve(__dirname, "..", "..");
const SCHEMA = join(ROOT, "zero-touch-plugin", "schema", "schema.json");
const PULUMI = { "@pulumi/azure-native": "^3.0.0", "@pulumi/pulumi": "^3.113.0" };

describe("the plugin of the package", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(join(tmpdir(), "languages-"));
  const modules = join(folder, "node_modules");
  let hosts: string;
  let azure: LaunchedAzure;
  let project: PulumiProject;

  before(async () => {
    hosts = await languageHosts();
    const tarball = await buildPackage(ROOT, join(ROOT, "packages", "azure-iot-zero-touch"));
    const dependencies = { ...PULUMI, "azure-iot-zero-touch": `file:${tarball}` };
    writeFiles(folder, { "package.json": { name: "plants", private: true, dependencies } });
    await runIn(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error");
    azure = await launchTestAzure();
    const path = [join(folder, "python", "venv", "bin"), hosts, process.env.PATH].join(delimiter);
    project = await PulumiProject.create({ ...azure.env, PATH: path });
  });

  after(async () => {
    project?.remove();
    await azure?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pulumi = async (inside: string, ...args: string[]): Promise<string> => {
    const { code, output } = await project.run(...args, "--cwd", inside);
    assert.equal(code, 0, output);
    return output;
  };

  /** An example with the plugin of the tarball, and its stack. */
  const example = async (language: string): Promise<string> => {
    const inside = join(folder, language);
    cpSync(join(ROOT, "examples", language), inside, { recursive: true });
    symlinkSync(modules, join(inside, "node_modules"));
    await pulumi(inside, "stack", "init", "dev");
    return inside;
  };

  const livesOnTheLocalAzure = async (inside: string): Promise<void> => {
    const previewed = /\+ (\d+) to create/.exec(await pulumi(inside, "preview"))?.[1];
    const created = /\+ (\d+) created/.exec(await pulumi(inside, "up", "--yes", "--skip-preview"))?.[1];
    assert.ok(Number(created) > 12 && created === previewed, `${previewed} previewed, ${created} created`);
    const outputs = JSON.parse(await pulumi(inside, "stack", "output", "--json"));
    assert.match(outputs.idScope, /^0ne[0-9A-F]{8}$/);
    assert.match(outputs.thumbprint, /^[0-9A-F]{40}$/);
    assert.equal(outputs.meterKey, "[secret]");
    await pulumi(inside, "preview", "--refresh", "--expect-no-changes");
    assert.match(await pulumi(inside, "destroy", "--yes", "--skip-preview"), new RegExp(`- ${created} deleted`));
  };

  const makeSdk = (language: string, into: string) => runIn(folder, join(hosts, "package-sdk"), language, SCHEMA, into);

  it("has a schema whose SDK for Node passes the compiler", async () => {
    const sdk = join(folder, "nodejs-sdk");
    await makeSdk("nodejs", sdk);
    symlinkSync(join(ROOT, "node_modules"), join(sdk, "node_modules"));
    await runIn(sdk, join(ROOT, "node_modules", ".bin", "tsc"), "--noEmit", "-p", ".");
  });

  it("has a schema whose SDK for Go builds with a program of components and resources", async () => {
    const inside = join(folder, "go");
    const sdk = "example.com/pulumi-zero-touch/sdk/go";
    await makeSdk("go", join(inside, "sdk"));
    writeFiles(inside, {
      "go.mod": [
        "module plants\ngo 1.25",
        `require ${sdk} v0.0.0\nrequire github.com/pulumi/pulumi/sdk/v3 v${PINNED}`,
        `replace ${sdk} => ./sdk\n`,
      ].join("\n"),
      "main.go": `package main

import (
	"${sdk}/zerotouch"
	"${sdk}/zerotouch/iot"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		names := &iot.CertificateAuthorityArgs{RootName: pulumi.String("Root"), IntermediateName: pulumi.String("Line")}
		ca, err := iot.NewCertificateAuthority(ctx, "plants", names)
		if err != nil {
			return err
		}
		_, err = zerotouch.NewEnrollmentGroup(ctx, "presses", &zerotouch.EnrollmentGroupArgs{
			ServiceEndpoint: pulumi.String("dps.azure-devices-provisioning.net"), EnrollmentGroupId: pulumi.String("presses"),
			SigningCertificate: ca.Intermediate.Certificate(),
		})
		return err
	})
}
`,
    });
    await runIn(inside, "go", "build", "-mod=mod", ".");
  });

  it("gives its schema to the CLI", async () => {
    const plugin = join(modules, ".bin", "pulumi-resource-zero-touch");
    const schema = JSON.parse(await pulumi(folder, "package", "get-schema", plugin));
    assert.equal(schema.name, "zero-touch");
    assert.ok(schema.resources["zero-touch:iot:ProvisioningService"].isComponent);
  });

  it("serves a program in YAML", async () => {
    await livesOnTheLocalAzure(await example("yaml"));
  });

  it("serves a program in Python, with the SDK that the schema makes", async () => {
    const inside = await example("python");
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await runIn(inside, "python3", "-m", "venv", "venv");
    await makeSdk("python", join(inside, "sdk"));
    await runIn(inside, join(inside, "venv", "bin", "python"), ...pip, "-r", "requirements.txt", "./sdk");
    await livesOnTheLocalAzure(inside);
  });
});
