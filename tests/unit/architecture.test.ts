import { strict as assert } from "node:assert";
import { resolve } from "node:path";
import { areaOf, projectImports } from "../cast/imports";

const ROOT = resolve(__dirname, "../..");

/** What each area may import, besides itself. The picture of it is in docs/architecture.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // Runs before packages are installed, and loads TypeScript.
  bootstrap: [],
  "start.cjs": ["bootstrap", "index"],
  index: ["settings", "components"],
  settings: ["azure", "certs", "emulator/contract"],
  // The handlers' rules also judge what a file of enrollments lists, so that errors name its lines.
  components: ["providers", "providers/handlers", "azure", "certs"],
  providers: ["azure", "certs"],
  "providers/load.cjs": ["bootstrap", "providers/handlers"],
  "providers/handlers": ["azure", "certs"],
  certs: [],
  // A worker thread loads TypeScript on its own.
  "certs/bulk/workerThread.cjs": ["bootstrap", "certs"],
  azure: [],
  emulator: ["azure", "certs", "emulator/contract"],
  // What the local Azure leaves for its clients: all that may be known of it outside.
  "emulator/contract": [],
  // The engine's protocol for plugins: gRPC and property values.
  "plugin-protocol": ["azure"],
  "azure-native-stand-in": ["azure", "emulator/contract", "plugin-protocol"],
  "zero-touch-plugin": ["azure", "components", "plugin-protocol", "providers/handlers"],
  policy: ["azure"],
  "policy/start.cjs": ["bootstrap", "policy"],
  doctor: ["settings", "azure", "emulator/contract"],
  review: ["azure"],
  operator: ["azure", "certs", "doctor"],
  cli: ["bootstrap", "azure", "certs", "doctor", "emulator/contract", "operator", "review"],
  bench: ["azure", "bootstrap", "certs", "emulator", "cli", "operator"],
  // As a user's program does: by the package's name.
  examples: ["components"],
  templates: ["components"],
  tests: [
    "azure",
    "azure-native-stand-in",
    "bench",
    "bootstrap",
    "certs",
    "cli",
    "components",
    "doctor",
    "emulator",
    "emulator/contract",
    "index",
    "operator",
    "plugin-protocol",
    "policy",
    "providers",
    "providers/handlers",
    "review",
    "settings",
    "zero-touch-plugin",
  ],
};

const AREAS = Object.keys(ALLOWED);

describe("architecture", () => {
  const imports = projectImports(ROOT);

  it("has one import direction, types counted", () => {
    const wrong = imports
      .map(({ from, to }) => ({ from, to, source: areaOf(from, AREAS), target: areaOf(to, AREAS) }))
      .filter(({ source, target }) => source !== target && !ALLOWED[source]?.includes(target))
      .map(({ from, to }) => `${from} must not import ${to}`);
    assert.deepEqual(wrong, []);
  });

  it("sees imports at all", () => {
    assert.ok(
      imports.some(({ from, to }) => from === "emulator/kernel/service.ts" && to === "emulator/kernel/operation"),
    );
    assert.ok(
      imports.some(({ from, to }) => from === "tests/unit/architecture.test.ts" && to === "tests/cast/imports"),
    );
    assert.ok(imports.some(({ from, to }) => from === "index.ts" && to === "components/componentExports"));
    assert.ok(imports.some(({ from, to }) => from === "providers/load.cjs" && to === "bootstrap/typescript.cjs"));
  });

  it("has no circle of files", () => {
    const files = new Set(imports.map(({ from }) => from));
    const next = new Map<string, string[]>();
    for (const { from, to } of imports) {
      const target = [to, `${to}.ts`, `${to}/index.ts`].find((file) => files.has(file));
      if (target) next.set(from, [...(next.get(from) ?? []), target]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      if (done.has(file)) return;
      done.add(file);
      for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    };
    for (const file of next.keys()) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it("has no folder that names no noun", () => {
    const folders = new Set(imports.flatMap(({ from }) => from.split("/").slice(0, -1)));
    const vague = ["utils", "util", "common", "helpers", "misc", "shared"].filter((name) => folders.has(name));
    assert.deepEqual(vague, []);
  });
});
