import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** The fenced blocks of a page in a language, in order; without a language, those that name none. */
export function codeBlocks(page: string, language = ""): readonly string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, name, block = ""]) =>
    name === language ? [block] : [],
  );
}

/** What samples name without declaring it. */
const DECLARATIONS = `declare const config: Config;
declare const resourceGroupName: Output<string>;
declare const location: string;
declare const connectionString: string;
`;

/** Samples that continue each other, each in a scope of its own. */
function nested(samples: readonly string[]): string {
  const [sample, ...more] = samples;
  if (sample === undefined) return "";
  const names = [...sample.matchAll(/^(?:export )?const (\w+)/gm)].map(([, name]) => `void ${name};\n`);
  return `{\n${sample.replace(/^export const/gm, "const")}${names.join("")}${nested(more)}}\n`;
}

function module(samples: readonly string[]): string {
  const body = nested(samples);
  const classes = [...new Set([...body.matchAll(/\bnew (\w+)\(/g)].map(([, name]) => name))].sort();
  const declared = DECLARATIONS.split("\n").filter((line) => {
    const [, name = ""] = /const (\w+):/.exec(line) ?? [];
    return name !== "" && new RegExp(`\\b${name}\\b`).test(body);
  });
  const types = ["Config", "Output"].filter((name) => declared.some((line) => line.includes(`: ${name}`)));
  const imported = types.length === 0 ? "" : `import type { ${types.join(", ")} } from "@pulumi/pulumi";\n`;
  return `${imported}import { ${classes.join(", ")} } from "azure-iot-zero-touch";\n\n${declared.join("\n")}\n${body}`;
}

const inCheckout = (sample: string): string =>
  sample.replace('"@azure-iot-zero-touch/local-azure"', '"../../emulator/inProcess"');

/** The TypeScript of the docs as modules in tests/samples, which the compiler checks with all others: their text by file name. */
export function docSamples(): ReadonlyMap<string, string> {
  const [program = "", ...parts] = codeBlocks("docs/library.md", "ts");
  const [test = ""] = codeBlocks("docs/local-azure/device-tests.md", "ts");
  const [readme = ""] = codeBlocks("packages/local-azure/README.md", "ts");
  const samples: readonly (readonly [string, string, string])[] = [
    ["libraryProgram", "docs/library.md", program],
    ["libraryParts", "docs/library.md", module(parts)],
    ["fleetJob", "docs/fleet.md", codeBlocks("docs/fleet.md", "ts")[0] ?? ""],
    ["fileUpload", "docs/local-azure/iot-hub.md", module(codeBlocks("docs/local-azure/iot-hub.md", "ts"))],
    ["deviceTest", "docs/local-azure/device-tests.md", inCheckout(test)],
    ["localAzureReadme", "packages/local-azure/README.md", inCheckout(readme)],
  ];
  return new Map(
    samples.map(([name, page, text]) => [
      `tests/samples/${name}.ts`,
      `// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from ${page}.\n${text}`,
    ]),
  );
}
