import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { commandErrors, endpointLines } from "../cast/docCommands";
import { codeBlocks, docSamples } from "../cast/docSamples";
import {
  configurationTable,
  differencesTable,
  errorTable,
  operatorCommandTable,
  policyTable,
  supportTables,
  variableTable,
} from "../cast/generatedDocs";
import { exampleReport } from "../cast/previews";

const ROOT = resolve(__dirname, "../..");
/** The pages at the top of the checkout. */
const FRONT = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/** The page with the support table of each service of the local Azure. */
const SUPPORT_PAGES: Readonly<Record<string, string>> = {
  arm: "docs/local-azure/resource-manager.md",
  entra: "docs/local-azure/sign-in.md",
  machine: "docs/local-azure/sign-in.md",
  graph: "docs/local-azure/graph.md",
  "dps-device": "docs/local-azure/provisioning-service.md",
  "dps-service": "docs/local-azure/provisioning-service.md",
  hub: "docs/local-azure/iot-hub.md",
  "key-vault": "docs/local-azure/key-vault.md",
};

/** The part of a document between its two marks. Set UPDATE_DOCS=1 to write what the code says into it. */
function section(file: string, name: string, expected: string): { written: string; expected: string } {
  const path = join(ROOT, file);
  const text = readFileSync(path, "utf8");
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  assert.ok(from >= 0 && to > from, `${file} lacks the marks of ${name}`);
  const start = from + begin.length;
  if (process.env.UPDATE_DOCS === "1") {
    writeFileSync(path, text.slice(0, start) + expected + text.slice(to));
    return { written: expected, expected };
  }
  return { written: text.slice(start, to), expected };
}

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** All pages for users, from the top of the checkout. */
const PAGES = [
  ...FRONT,
  ...["docs", "packages/azure-iot-zero-touch", "packages/local-azure", "templates"].flatMap((folder) =>
    markdownFiles(join(ROOT, folder)).map((file) => relative(ROOT, file)),
  ),
].filter((page) => !/node_modules|decisions/.test(page));

describe("docs", () => {
  it("list the operations of the routes, no more and no fewer", () => {
    const tables = supportTables();
    assert.deepEqual([...tables.keys()].sort(), Object.keys(SUPPORT_PAGES).sort());
    for (const [service, page] of Object.entries(SUPPORT_PAGES)) {
      const { written, expected } = section(page, `support table ${service}`, tables.get(service) ?? "");
      assert.equal(written, expected);
    }
  });

  it("have no cell of a table with more than 500 characters", () => {
    const long = markdownFiles(join(ROOT, "docs")).flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("|") && line.split(/(?<!\\)\|/).some((cell) => cell.length > 500))
        .map((line) => `${file}: ${line.slice(0, 60)}`),
    );
    assert.deepEqual(long, []);
  });

  it("explain the error codes as the toolkit does", () => {
    const { written, expected } = section("docs/troubleshooting.md", "error codes", errorTable());
    assert.equal(written, expected);
  });

  it("describe the configuration as Pulumi.yaml does", () => {
    const { written, expected } = section("docs/configuration.md", "configuration", configurationTable());
    assert.equal(written, expected);
  });

  it("list the variables that npm run env sets", () => {
    const { written, expected } = section("docs/local-azure.md", "variables", variableTable());
    assert.equal(written, expected);
  });

  it("describe the policies as the pack has them", () => {
    const { written, expected } = section("docs/policies.md", "policies", policyTable());
    assert.equal(written, expected);
  });

  it("list the commands of the operator endpoint", () => {
    const { written, expected } = section("docs/operator.md", "operator commands", operatorCommandTable());
    assert.equal(written, expected);
  });

  it("say what differs from Azure as the conformance tables do", () => {
    const { written, expected } = section("docs/local-azure/differences.md", "differences", differencesTable());
    assert.equal(written, expected);
  });

  it("show a report as preview:report writes it", () => {
    const { written, expected } = section("docs/pull-requests.md", "report example", exampleReport("rootReplaced"));
    assert.equal(written, expected);
  });

  it("have samples in TypeScript that tests/samples has, where the compiler checks them", () => {
    for (const [file, expected] of docSamples()) {
      if (process.env.UPDATE_DOCS === "1") writeFileSync(join(ROOT, file), expected);
      assert.equal(readFileSync(join(ROOT, file), "utf8"), expected, file);
    }
    assert.deepEqual(readdirSync(join(ROOT, "tests/samples")).length, docSamples().size);
    const [program] = codeBlocks("docs/library.md", "ts");
    assert.deepEqual(codeBlocks("packages/azure-iot-zero-touch/README.md", "ts"), [program]);
    const pages = PAGES.filter((page) => codeBlocks(page, "ts").length > 0);
    // CONTRIBUTING's sample is a sketch with ellipses.
    assert.deepEqual(pages.filter((page) => page !== "CONTRIBUTING.md").sort(), [
      "docs/fleet.md",
      "docs/library.md",
      "docs/local-azure/device-tests.md",
      "docs/local-azure/iot-hub.md",
      "packages/azure-iot-zero-touch/README.md",
      "packages/local-azure/README.md",
    ]);
  });

  it("have YAML and JSON that parse", () => {
    for (const page of PAGES) {
      for (const block of codeBlocks(page, "json")) assert.doesNotThrow(() => JSON.parse(block), page);
      for (const block of codeBlocks(page, "yaml")) assert.equal(typeof parse(block), "object", page);
    }
  });

  it("have commands of the toolkit with arguments that it takes", () => {
    assert.deepEqual(PAGES.flatMap(commandErrors), []);
  });

  it("have lines for the operator endpoint that it takes", () => {
    const lines = endpointLines("docs/operator.md");
    assert.ok(lines.size > 10, [...lines.keys()].join("\n"));
    for (const [line, error] of lines) assert.equal(error, undefined, line);
  });

  it("have no link to a file or a heading that does not exist", () => {
    const broken = [...FRONT.map((name) => join(ROOT, name)), ...markdownFiles(join(ROOT, "docs"))].flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
        .filter(([, path = "", heading]) => !leadsSomewhere(path ? join(dirname(file), path) : file, heading))
        .map(([link]) => `${file}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });
});

/** Whether a file exists and, if a heading is named, has it: by the anchors that GitHub makes of headings. */
function leadsSomewhere(path: string, heading: string | undefined): boolean {
  if (!existsSync(path)) return false;
  if (heading === undefined) return true;
  const anchors = [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replace(/ /g, "-"),
  );
  return anchors.includes(heading);
}
