import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CertsCli } from "../../../cast/certsCli";

/** An example of Azure's documentation. */
const CODE = "75B86466DA34D2B04C0C4C9557A119687ADAE7D4732BDDB3";

/** Asserts the lines of a text, each by its pattern. */
function matchLines(text: string, patterns: readonly RegExp[]): void {
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, patterns.length, text);
  for (const [index, pattern] of patterns.entries()) assert.match(lines[index] ?? "", pattern);
}

describe("zero-touch certs reports all errors at once, and makes nothing", () => {
  const cli = new CertsCli();
  const text = (name: string): string => readFileSync(cli.path(name), "utf8");
  const issuer = "--issuer inter.pem@ --issuer-key inter.key@ --issuer-passphrase-env CA_PASS";
  const env = { CA_PASS: "over the hills" };

  before(async () => {
    writeFileSync(cli.path("ids.csv"), "site,registrationId\nOslo,s-005\n");
    for (const line of [
      "root --name Root --out root.pem@ --key-out root.key@ --passphrase-env CA_PASS",
      "intermediate --name Line-1 --out inter.pem@ --key-out inter.key@ --passphrase-env CA_PASS --issuer root.pem@ --issuer-key root.key@ --issuer-passphrase-env CA_PASS",
      `issue --id conv --out c.pem@ --key-out c.key@ ${issuer}`,
      "csr --name dev-2 --out own.csr@ --key-out own.key@",
    ]) {
      assert.equal((await cli.run(line, { env })).code, 0, line);
    }
  });
  after(() => cli.dispose());

  it("of the command line", async () => {
    const result = await cli.run(
      "root --nam s3cret --algorithm RSA-1024 --days 0 --force=1 -x --out --key-out k@ --key-out=l",
    );
    assert.equal(result.code, 2);
    matchLines(result.stderr, [
      /^error: unknown option --nam; --name\b/,
      /^error: unknown option -x; --help\b/,
      /^error: --algorithm is 'RSA-1024': one of RSA-2048, RSA-3072, RSA-4096, EC-P256, EC-P384\b/,
      /^error: --days is '0': a whole number from 1 to 999999999\b/,
      /^error: --force: .*no value/,
      /^error: --out is without a value\b/,
      /^error: --key-out: .*more than once/,
      /^error: passphrase: .*no terminal.*--passphrase-file FILE or --passphrase-env NAME.*--ask-passphrase.*--no-passphrase/,
      /^zero-touch certs root --help\b/,
    ]);
    const stray = await cli.run("root --name R --out r9.pem@ --key-out r9.key@ --no-passphrase extra");
    assert.match(stray.stderr, /^error: 'extra' is not expected here: the command takes options only; leave it out\n/);
    assert.match((await cli.run("show")).stderr, /^error: FILE\.\.\. is missing: .*\nzero-touch/);
  });

  it("of the files and names behind it", async () => {
    const files = "--out root.pem@ --key-out root.key@ --issuer none.pem@ --issuer-key ids.csv@";
    const result = await cli.run(`intermediate --name ${"x".repeat(65)} ${files} --no-passphrase`);
    const before = text("root.key");
    assert.equal(result.code, 2);
    for (const error of [
      /^error: --issuer: ~\/none\.pem cannot be read: ENOENT/m,
      /^error: --issuer-key: ~\/ids\.csv: The text holds no PEM private key; name the private key's file/m,
      /^error: --name is 'x{65}': a common name has at most 64 characters, this one 65/m,
      /^error: --out: ~\/root\.pem exists.*--force/m,
      /^error: --key-out: ~\/root\.key exists/m,
    ]) {
      assert.match(result.stderr, error);
    }
    assert.equal(text("root.key"), before);
  });

  it("of keys that do not match, files without a request, and invalid lists", async () => {
    const other = "--issuer root.pem@ --issuer-key inter.key@ --issuer-passphrase-env CA_PASS";
    writeFileSync(cli.path("bad.csv"), "a b\nok\nOK\n");
    const many = await cli.run(`issue --csv bad.csv@ --key k@ --prefix p --out bad@ ${other}`, { env });
    for (const error of [
      "--key: it does not go with many devices; leave it out",
      "--prefix: it does not go with --csv; leave it out",
      "--issuer-key is '~/inter.key': it is not the key of CN=Root in ~/root.pem",
      "~/bad.csv has 2 errors:\n  line 1: 'a b' is not",
      "line 3: 'OK' is already in line 2",
    ]) {
      assert.ok(many.stderr.includes(error), error);
    }
    assert.ok(!existsSync(cli.path("bad")));
    assert.match(
      (await cli.run(`sign root.pem@ --out s9.pem@ ${other}`, { env })).stderr,
      /holds no certificate request/,
    );
    const none = await cli.run(`issue --out n.pem@ ${issuer}`, { env });
    assert.match(none.stderr, /^error: --id, --count, --csv: none is given; give one of them\n/);
  });

  it("of options, values, names and files together", async () => {
    const line =
      "issue --id dev/ice --algoritm x --days -3 --issuer none.pem@ --out no/d.pem@ --key-out d9.key@ --issuer-kei k";
    const result = await cli.run(line);
    assert.equal(result.code, 2);
    matchLines(result.stderr, [
      /^error: unknown option --algoritm; --algorithm\b/,
      /^error: unknown option --issuer-kei; --issuer-key\b/,
      /^error: --days is '-3': a whole number from 1 to 999999999\b/,
      /^error: --issuer: ~\/none\.pem cannot be read: ENOENT\b.*PEM, base64 or DER$/,
      /^error: --id is 'dev\/ice': 1 to 64 letters, digits.*registration ID/,
      /^error: --out: ~\/no is not a folder\b/,
      /^zero-touch certs issue --help\b/,
    ]);
    assert.ok(!existsSync(cli.path("d9.key")));
  });

  it("without a prompt that would be useless, or an error for a passphrase under a misspelt option", async () => {
    cli.prompts.length = 0;
    const inputs = ["not", "read"];
    const invalid = await cli.run("root --name R --days x --out r8.pem@ --key-out r8.key@", { inputs });
    assert.match(invalid.stderr, /^error: --days is 'x': .*\nzero-touch/);
    const wrong = "--issuer inter.pem@ --issuer-key inter.key@ --issuer-pasphrase-env CA_PASS";
    const named = await cli.run(`issue --id d --out x.pem@ --key-out x.key@ ${wrong}`, { env });
    assert.match(
      named.stderr,
      /^error: unknown option --issuer-pasphrase-env; --issuer-passphrase-env is probably meant\nzero-/,
    );
    assert.deepEqual(cli.prompts, []);
  });

  it("of every command without arguments", async () => {
    const files = ["show", "lint", "convert", "sign"];
    for (const name of ["root", "intermediate", "issue", "csr", "verification", ...files]) {
      const result = await cli.run(name);
      assert.equal(result.code, 2, name);
      assert.match(
        result.stderr,
        files.includes(name) ? /^error: .*(FILE|REQUEST).* is missing: /m : /--out is missing/,
      );
      assert.match(result.stderr, new RegExp(`^zero-touch certs ${name} --help`, "m"));
    }
  });

  it("of a wrong option, instead of results that may not be meant", async () => {
    for (const line of ["show root.pem@ none.pem@ --jsn", "lint root.pem@ none.pem@ --profil server"]) {
      const result = await cli.run(line);
      assert.deepEqual([result.code, result.stdout, result.stderr.match(/^error: /gm)?.length], [2, "", 2]);
    }
  });

  it("of one file for certificate and key, which would be lost", async () => {
    const both = `--out ${cli.path("both")} --key-out ${cli.folder}/./both --no-passphrase --force`;
    for (const line of [`root --name R ${both}`, `convert c.pem@ c.key@ --to pem ${both}`]) {
      const result = await cli.run(line);
      assert.equal(result.code, 2, line);
      assert.match(result.stderr, /^error: --key-out is '~\/\.\/both': must not be the file of --out\b/);
    }
    assert.ok(!existsSync(cli.path("both")));
    const pipe = await cli.run(
      "convert c.pem@ c.key@ --to pem --out /dev/null --key-out /dev/null --no-passphrase --force",
    );
    if (process.platform !== "win32") assert.equal(pipe.code, 0, pipe.stderr);
  });

  it("of numbered IDs, before a folder is made", async () => {
    const result = await cli.run(`issue --count 3 --prefix a/ --out numbered@ ${issuer}`, { env });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /^error: --prefix, --start and --digits: the last ID is 'a\/000003': 1 to 64 letters/);
    assert.ok(!existsSync(cli.path("numbered")));
  });

  it("without the word after an unknown option: it may be a secret", async () => {
    for (const line of [
      "convert c.pem@ c.key@ --to p12 --out s@ --passphrase",
      "convert --to pem --out s@ -p",
      "show -p",
    ]) {
      const result = await cli.run(`${line} hunter2 hunter3`);
      assert.deepEqual(
        [result.code, result.stdout, /hunter|missing/.test(result.stderr)],
        [2, "", false],
        result.stderr,
      );
      assert.match(
        result.stderr,
        /^error: unknown option -(-passphrase; --passphrase-file is probably meant|p; --help lists the options)\n/,
      );
    }
  });

  it("with the option that was probably meant: one with the same beginning, else the nearest, and never the opposite", async () => {
    for (const [word, remedy] of [
      ["--algo", "--algorithm is probably meant"],
      ["-out", "--out is probably meant"],
      ["--Froce", "--force is probably meant"],
      ["--passphrase", "--passphrase-file is probably meant"],
      ["--nopassphrase", "--no-passphrase is probably meant"],
      ["--assphrase", "--help lists the options"],
      ["--colour", "--help lists the options"],
      ["--co\u001b[2J", "--help lists the options"],
    ]) {
      const { stderr } = await cli.run(`csr ${word}`);
      const [first] = stderr.split("\n");
      assert.ok(first?.startsWith(`error: unknown option ${word?.replace("\u001b", "\\u{1b}")}; `), first);
      assert.ok(first?.endsWith(`; ${remedy}`), first);
    }
  });

  it("of impossible verification codes", async () => {
    const files = `--out v9.pem@ ${issuer}`;
    for (const [code, value] of [
      ["75B8…", "75B8…"],
      ["75B8", "75B8"],
      ["A".repeat(65), "A".repeat(65)],
      [`${CODE}\n`, `${CODE}\\u{a}`],
      [`${CODE}\u001b[2J`, `${CODE}\\u{1b}[2J`],
      [`${CODE.slice(0, 40)}\u00a0AB`, `${CODE.slice(0, 40)}\u00a0AB`],
      [`${CODE.slice(0, 40)}-AB`, `${CODE.slice(0, 40)}-AB`],
    ] as const) {
      const result = await cli.run(`verification --code=${code} ${files}`, { env });
      assert.equal(result.code, 2, value);
      assert.ok(result.stderr.startsWith(`error: --code is '${value}': 32 to 64 letters and digits without blanks`));
      assert.equal(result.stderr.split("\n").length, 3);
    }
    for (const code of ["A".repeat(31), "A".repeat(32), "47292AB6260DB02CCD2D07C601B7303DD49858B6", "z".repeat(64)]) {
      const result = await cli.run(`verification --code ${code} --force ${files}`, { env });
      assert.equal(result.code, code.length === 31 ? 2 : 0, result.stderr);
    }
    const request = await cli.run(`sign own.csr@ --profile verification ${files.replace("v9", "v10")}`, { env });
    assert.match(request.stderr, /^error: ~\/own\.csr: subject\.commonName is 'dev-2': 32 to 64 letters and digits/);
  });

  it("of unknown commands", async () => {
    const result = await cli.run("frobnicate");
    assert.equal(result.code, 2);
    assert.match(result.stderr, /^There is no command certs frobnicate\.\n/);
  });
});
