import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import type * as ts from "typescript";
import { productProgram } from "../../cast/productProgram";

const ROOT = resolve(__dirname, "../../..");

/** Component classes by the file that declares them. */
const COMPONENTS = readdirSync(join(ROOT, "components"))
  .filter((name) => name.endsWith(".ts"))
  .flatMap((file) => {
    const declared = /export class (\w+) extends pulumi\.ComponentResource/.exec(
      readFileSync(join(ROOT, "components", file), "utf8"),
    );
    return declared?.[1] === undefined ? [] : [{ file: join(ROOT, "components", file), name: declared[1] }];
  });

/** What of an analyzer this test changes: one refused property must not hide the next one, and all tests share a program. */
interface Internals {
  program: ts.Program;
  checker: ts.TypeChecker;
  programFiles: ReadonlySet<string>;
  packageJSON: object;
  componentNames: ReadonlySet<string>;
  analyzeSymbol(context: object, symbol: object): object;
}

const propertyOf = (message: string): string => /(?:input|output|property) '([^']*)'/.exec(message)?.[1] ?? message;

describe("Pulumi's analyzer of components", function () {
  this.timeout(120_000);

  it("takes every component, and refuses unions of strings only, all listed here", () => {
    const folder = mkdtempSync(join(tmpdir(), "analyzer-"));
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { noLib: true, types: [] }, files: [] }),
    );
    const analyzer = new Analyzer(folder, "zero-touch", {}, new Set(["IotHub"]));
    rmSync(folder, { recursive: true });
    const internals = analyzer as unknown as Internals;
    internals.program = productProgram();
    internals.checker = internals.program.getTypeChecker();
    internals.programFiles = new Set(internals.program.getSourceFiles().map(({ fileName }) => fileName));
    const refused = new Set<string>();
    const analyzeSymbol = internals.analyzeSymbol.bind(analyzer);
    internals.analyzeSymbol = (context, symbol) => {
      try {
        return analyzeSymbol(context, symbol);
      } catch (error) {
        refused.add((error as Error).message);
        return {};
      }
    };
    for (const { file, name } of COMPONENTS) {
      internals.packageJSON = { main: file };
      internals.componentNames = new Set([name]);
      assert.ok(analyzer.analyze().components[name], name);
    }
    assert.equal(COMPONENTS.length, 14);
    const unions = [...refused].filter((message) => message.startsWith("Union types are not supported"));
    const others = [...refused].filter((message) => !unions.includes(message));
    // Choices are unions of strings, which check a program as it is written.
    assert.deepEqual(unions.map(propertyOf).sort(), [
      "ArmIdentityArgs.type",
      "EnrollmentListArgs.adopt values",
      "IotHubArgs.localAuth",
      "IotHubArgs.minimumTls",
      "KeyVaultArgs.softDeleted",
      "KeyVaultArgs.uses[]",
      "MessageReceipt.status",
      "ProvisioningServiceArgs.allocationPolicy",
      "ProvisioningServiceArgs.linkBy",
      "ProvisioningServiceArgs.localAuth",
      "SampleDeviceArgs.transport",
      "Telemetry.accepted",
      "VaultReference.softDeleted",
      "VaultReference.uses[]",
      "VerifiedCertificateArgs.adopt",
      "VerifiedCertificateArgs.verification",
      "softDeleted",
      "uses[]",
    ]);
    assert.deepEqual(others, []);
  });
});
