import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import * as Module from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const SOURCE = resolve(__dirname, "..", "..", "..", "bootstrap", "moduleCache.cjs");

/** A project with one package `greeting`, whose text is in a file of its own. */
describe("bootstrap/moduleCache.cjs", () => {
  let folder = "";
  const packageFile = (name: string) => join(folder, "node_modules", name);
  const cacheFolder = () => packageFile(join(".cache", "azure-iot-zero-touch"));
  const run = () => execFileSync(process.execPath, [join(folder, "main.js")], { encoding: "utf8" }).trim();
  const write = (file: string, text: string) => writeFileSync(file, text);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "module-cache-"));
    for (const name of ["bootstrap", "node_modules/greeting/text"]) mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(SOURCE, join(folder, "bootstrap", "moduleCache.cjs"));
    write(packageFile(".package-lock.json"), "{}");
    write(packageFile("greeting/index.js"), "module.exports = () => require('./text');\n");
    write(packageFile("greeting/text/index.js"), "module.exports = 'hello';\n");
    write(join(folder, "main.js"), "require('./bootstrap/moduleCache.cjs');\nconsole.log(require('greeting')());\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("runs a package as before, from the second run on without a change of the cache", () => {
    assert.equal(run(), "hello");
    if ("enableCompileCache" in Module) return;
    const [name = "", ...others] = readdirSync(cacheFolder());
    assert.deepEqual(others, []);
    const file = join(cacheFolder(), name);
    assert.match(readFileSync(file, "latin1"), /"resolved":\{.*"greeting\/text\/index\.js"/);
    const { ino } = statSync(file);
    assert.equal(run(), "hello");
    assert.equal(statSync(file).ino, ino);
  });

  it("adds functions that a later run called, where that run compiled another module", () => {
    if ("enableCompileCache" in Module) return;
    const main = join(folder, "main.js");
    const calling = readFileSync(main, "utf8");
    const sizes = [calling.replace("greeting')()", "greeting')"), calling].map((text) => {
      write(main, text);
      run();
      const [name = ""] = readdirSync(cacheFolder());
      const [, size] =
        /"greeting\/index\.js":\["[^"]*",\d+,(\d+)\]/.exec(readFileSync(join(cacheFolder(), name), "latin1")) ?? [];
      return Number(size);
    });
    const [loaded = 0, called = 0] = sizes;
    assert.ok(called > loaded, sizes.join());
  });

  it("runs an edited package, a new installation, and without a readable cache", () => {
    run();
    write(packageFile("greeting/text/index.js"), "module.exports = 'howdy';\n");
    assert.equal(run(), "howdy");

    rmSync(packageFile("greeting/text"), { recursive: true });
    write(packageFile("greeting/text.js"), "module.exports = 'ciao';\n");
    write(packageFile(".package-lock.json"), '{ "packages": {} }');
    assert.equal(run(), "ciao");

    for (const name of readdirSync(cacheFolder())) {
      if (name.endsWith(".bin")) write(join(cacheFolder(), name), "damaged");
    }
    assert.equal(run(), "ciao");
    rmSync(cacheFolder(), { recursive: true });
    write(cacheFolder(), "a file in place of the folder");
    assert.equal(run(), "ciao");
  });

  it("keeps what a module knows: its folder, its requirer, other files' places, import()", () => {
    const facts = `
      module.exports = async () => [
        __filename === require.resolve('greeting'), require.main.filename, module.parent === require.main,
        require.cache[__filename] === module, typeof require.resolve.paths('x'), (await import('node:path')).sep,
      ].map(String).join();`;
    write(packageFile("greeting/index.js"), facts);
    const main = join(folder, "main.js");
    write(main, "require('./bootstrap/moduleCache.cjs');\nrequire('greeting')().then(console.log);\n");
    const expected = `true,${main},true,true,object,/`;
    assert.deepEqual([run(), run()], [expected, expected]);
  });
});
