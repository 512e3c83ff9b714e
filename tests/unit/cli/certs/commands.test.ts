import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { systemClock } from "../../../../certs/clock";
import { runCertsCommand } from "../../../../cli/certs/runCertsCommand";
import { NOW, OpenSsl } from "../../../cast/certs";
import { CertsCli } from "../../../cast/certsCli";

/** An example of Azure's documentation. */
const CODE = "75B86466DA34D2B04C0C4C9557A119687ADAE7D4732BDDB3";

describe("zero-touch certs", () => {
  const cli = new CertsCli();
  const openssl = new OpenSsl();
  const text = (name: string): string => readFileSync(cli.path(name), "utf8");
  const issuer = "--issuer inter.pem@ --issuer-key inter.key@ --issuer-passphrase-env CA_PASS";
  const env = { CA_PASS: "over the hills" };

  before(async () => {
    writeFileSync(cli.path("pass"), "correct horse\nsecond line\n");
    const root = await cli.run("root --name Root --out root.pem@ --key-out root.key@ --passphrase-file pass@");
    assert.equal(root.stderr, "");
    assert.match(
      root.stdout,
      /^~\/root\.pem: CN=Root, thumbprint [0-9A-F]{40}, valid until 2036-02-27T12:00:00\.000Z\n$/,
    );
    const above = "--issuer root.pem@ --issuer-key root.key@ --issuer-passphrase-file pass@";
    const line = `intermediate --name Line-1 --out inter.pem@ --key-out inter.key@ --passphrase-env CA_PASS ${above}`;
    assert.equal((await cli.run(line, { env })).code, 0);
  });
  after(() => {
    cli.dispose();
    openssl.dispose();
  });

  /** openssl's verdict on a leaf's chain file. */
  const verify = (name: string): string => {
    const at = ["-attime", String(NOW.getTime() / 1000), "-purpose", "sslclient", "-x509_strict"];
    return openssl.run("verify", ...at, "-CAfile", cli.path("root.pem"), "-untrusted", cli.path(name), cli.path(name));
  };

  it("makes root and intermediate whose encrypted keys openssl opens with the passphrase", () => {
    for (const [name, passphrase] of [
      ["root", "correct horse"],
      ["inter", "over the hills"],
    ] as const) {
      assert.match(text(`${name}.key`), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
      assert.equal(statSync(cli.path(`${name}.key`)).mode & 0o777, 0o600);
      const open = (given: string): string =>
        openssl.run("pkey", "-in", cli.path(`${name}.key`), "-passin", `pass:${given}`, "-pubout");
      assert.equal(
        open(passphrase),
        new X509Certificate(text(`${name}.pem`)).publicKey.export({ type: "spki", format: "pem" }),
      );
      assert.throws(() => open("wrong"));
    }
    assert.equal(text("inter.pem").match(/BEGIN CERTIFICATE/g)?.length, 1, "the root is not in the chain");
  });

  it("says what the system refuses, without a stack trace", async () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    let log = "";
    const print = () => {
      throw full;
    };
    const context = {
      env: {},
      clock: systemClock,
      live: false,
      prompt: undefined,
      signal: new AbortController().signal,
      print,
      log: (line: string) => (log += line),
    };
    const code = await runCertsCommand(["show", cli.path("root.pem")], { ...context, openKey: assert.fail });
    assert.deepEqual([code, log], [1, "error [file]: ENOSPC: no space left on device, write\n"]);
  });

  it("issues a device that openssl verifies", async () => {
    const result = await cli.run(`issue --id dev:1 --out d.pem@ --key-out d.key@ --days 10 ${issuer}`, { env });
    assert.deepEqual([result.code, result.stderr], [0, ""]);
    assert.match(result.stdout, /^~\/d\.pem: CN=dev:1, .*valid until 2026-03-11T12:00:00\.000Z\n$/);
    assert.match(verify("d.pem"), /OK/);
    assert.match(text("d.key"), /^-----BEGIN PRIVATE KEY-----/);
    assert.ok(
      new X509Certificate(text("d.pem")).checkPrivateKey(require("node:crypto").createPrivateKey(text("d.key"))),
    );
  });

  it("issues many, prints their number, and continues", async () => {
    const line = (count: number) => `issue --count ${count} --prefix s- --digits 3 --workers 0 --out many@ ${issuer}`;
    assert.equal((await cli.run(line(3), { env })).stdout, "~/many/manifest.jsonl: 3 devices issued\n");
    assert.equal(
      (await cli.run(line(5), { env })).stdout,
      "~/many/manifest.jsonl: 2 devices issued, 3 were there before\n",
    );
    assert.deepEqual(
      readdirSync(cli.path("many/devices")).sort(),
      [1, 2, 3, 4, 5].map((n) => `s-00${n}.pem`),
    );
    assert.match(verify("many/devices/s-005.pem"), /OK/);
    writeFileSync(cli.path("ids.csv"), "site,registrationId\nOslo,s-005\nOslo,x1\n");
    const csv = await cli.run(`issue --csv ids.csv@ --layout files --workers 0 --out many@ ${issuer}`, { env });
    assert.equal(csv.stdout, "~/many/manifest.jsonl: 1 devices issued, 1 were there before\n");
    assert.match(verify("many/devices/x1.chain.pem"), /OK/);
  });

  it("writes a request that openssl verifies, and signs openssl's by the profile alone", async () => {
    assert.equal((await cli.run("csr --name dev-2 --out own.csr@ --key-out own.key@ --algorithm RSA-2048")).code, 0);
    assert.match(openssl.run("req", "-in", cli.path("own.csr"), "-verify", "-noout", "-subject"), /CN = dev-2/);
    const wishes = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "extendedKeyUsage=serverAuth"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout", "k.pem"];
    writeFileSync(cli.path("in.csr"), openssl.run("req", "-new", ...key, "-subj", "/O=Evil/CN=dev-3", ...wishes));
    const result = await cli.run(`sign in.csr@ --out s3.pem@ ${issuer}`, { env });
    assert.deepEqual([result.code, result.stderr], [0, ""]);
    assert.match(verify("s3.pem"), /OK/);
    const leaf = new X509Certificate(text("s3.pem"));
    assert.deepEqual([leaf.subject, leaf.ca, leaf.keyUsage], ["CN=dev-3", false, ["1.3.6.1.5.5.7.3.2"]]);
    await cli.run(`sign own.csr@ --name other --out s4.pem@ ${issuer}`, { env });
    assert.equal(new X509Certificate(text("s4.pem")).subject, "CN=other");
    const below = await cli.run(`sign own.csr@ --profile intermediate --out s5.pem@ ${issuer}`, { env });
    assert.deepEqual([below.code, existsSync(cli.path("s5.pem"))], [1, false]);
    assert.match(below.stderr, /^error \[issuerPathLength\]: CN=Line-1 has path length 0/);
  });

  it("issues the leaf of a proof of possession", async () => {
    const result = await cli.run(`verification --code ${CODE} --out v.pem@ ${issuer}`, { env });
    assert.equal(result.code, 0);
    assert.equal(new X509Certificate(text("v.pem")).subject, `CN=${CODE}`);
  });

  it("shows and lints what it made", async () => {
    const shown = await cli.run("show inter.pem@ root.pem@ own.csr@ --json");
    const facts = shown.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      facts.map(({ kind, subject }) => [kind, subject]),
      [
        ["certificate", "CN=Line-1"],
        ["certificate", "CN=Root"],
        ["request", "CN=dev-2"],
      ],
    );
    assert.match((await cli.run("show root.pem@")).stdout, /^subject: {10}CN=Root$/m);
    const clean = await cli.run("lint root.pem@ s3.pem@ --issuer root.pem@");
    assert.deepEqual(clean, { code: 0, stdout: "", stderr: "0 errors, 0 warnings\n" });
    const wrong = await cli.run("lint s3.pem@ --profile intermediate --issuer root.pem@ --json");
    assert.equal(wrong.code, 1);
    const { file, subject, severity, field, remedy } = JSON.parse(wrong.stdout.split("\n")[0] ?? "");
    assert.deepEqual([file, subject, severity, field], ["~/s3.pem", "CN=dev-3", "error", "basicConstraints.cA"]);
    assert.equal(typeof remedy, "string");
    assert.equal((await cli.run("lint s3.pem@ --issuer root.pem@ --trust root.pem@")).code, 0);
    const strange = await cli.run("lint s3.pem@ --issuer root.pem@ --trust v.pem@");
    assert.equal(strange.code, 1);
    assert.match(
      strange.stdout,
      /^~\/s3\.pem: CN=dev-3: error chain: .*a path to CN=75B8[0-9A-F]{44}; Certificate CN=Line-1 was/,
    );
    const late = await cli.run("lint root.pem@", { at: new Date("2036-02-20T00:00:00Z") });
    assert.match(late.stdout, /^~\/root\.pem: CN=Root: warning expiresSoon: notAfter is /);
    assert.equal(late.code, 0);
  });

  it("names the truncated file among several", async () => {
    const pem = text("inter.pem");
    for (const [name, content] of [
      ["cut.pem", pem.slice(0, pem.length / 2)],
      ["cut-base64.pem", pem.replace(/\n[A-Za-z0-9+/=]+\n-----END/, "\n-----END")],
    ] as const) {
      writeFileSync(cli.path(name), content);
      for (const command of ["show", "lint"]) {
        const { code, stdout, stderr } = await cli.run(`${command} root.pem@ ${name}@ inter.pem@`);
        assert.notEqual(code, 0);
        assert.ok(`${stdout}${stderr}`.includes(`~/${name}: `), `${command} ${name}: ${stderr}`);
      }
    }
  });

  it("converts between PEM, DER, PKCS#12 and full chains, as openssl reads them", async () => {
    const pass = "--passphrase-file pass@";
    await cli.run(`issue --id conv --out c.pem@ --key-out c.key@ ${issuer}`, { env });
    const p12 = await cli.run(`convert c.key@ c.pem@ root.pem@ --to p12 --out c.p12@ ${pass}`);
    assert.deepEqual(p12, {
      code: 0,
      stdout: "~/c.p12: CN=conv, CN=Line-1, CN=Root, with the private key\n",
      stderr: "",
    });
    assert.equal(statSync(cli.path("c.p12")).mode & 0o777, 0o600);
    const read = openssl.run("pkcs12", "-in", cli.path("c.p12"), "-passin", "pass:correct horse", "-nodes");
    assert.ok(read.includes(text("c.key")) && read.includes(text("root.pem")));

    const back = "--in-passphrase-file pass@ --key-out back.key@ --no-passphrase";
    assert.equal((await cli.run(`convert c.p12@ --to pem --out back.pem@ ${back}`)).code, 0);
    assert.equal(text("back.key"), text("c.key"));
    assert.equal(text("back.pem"), text("c.pem") + text("root.pem"));

    assert.equal((await cli.run("convert root.pem@ c.pem@ root.pem@ --to pem --out full.pem@")).code, 0);
    assert.equal(text("full.pem"), text("back.pem"), "leaf first, each once");

    assert.equal((await cli.run("convert root.pem@ --to der --out root.der@")).code, 0);
    assert.equal(openssl.run("x509", "-inform", "DER", "-in", cli.path("root.der")), text("root.pem"));
    assert.equal((await cli.run("convert root.der@ --to pem --out root2.pem@")).code, 0);
    assert.equal(text("root2.pem"), text("root.pem"));

    const closed = "--in-passphrase-env CA_PASS --key-out inter2.key@ --passphrase-file pass@";
    assert.equal((await cli.run(`convert inter.key@ inter.pem@ --to pem --out i2.pem@ ${closed}`, { env })).code, 0);
    openssl.run("pkey", "-in", cli.path("inter2.key"), "-passin", "pass:correct horse", "-noout");
  });

  it("converts PKCS#12 under an empty passphrase, as Key Vault exports it, without a prompt", async () => {
    const source = ["-inkey", cli.path("c.key"), "-in", cli.path("c.pem"), "-out", cli.path("empty.p12")];
    openssl.run("pkcs12", "-export", ...source, "-passout", "pass:");
    for (const [option, inputs] of [
      ["", undefined],
      ["--in-passphrase-env EMPTY", undefined],
      ["", [""]],
    ] as const) {
      const line = `convert empty.p12@ --to pem --out e.pem@ --key-out e.key@ --no-passphrase --force ${option}`;
      const { code, stderr } = await cli.run(line, { env: { EMPTY: "" }, ...(inputs && { inputs }) });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.equal(text("e.key"), text("c.key"));
    }
    const closed = await cli.run("convert c.p12@ --to pem --out closed.pem@");
    assert.equal(closed.code, 2);
    assert.match(closed.stderr, /c\.p12 needs a passphrase: give --in-passphrase-file/);
  });

  it("rejects impossible conversions, with all errors", async () => {
    const errors: readonly (readonly [string, RegExp])[] = [
      ["c.pem@ --to der --out x@", /DER holds one certificate, not 2/],
      ["c.pem@ --to p12 --out x@ --passphrase-file pass@", /a PKCS#12 file needs the private key/],
      ["c.pem@ c.key@ --to p12 --out x@", /a PKCS#12 file needs a passphrase: give --passphrase-file, /],
      ["c.pem@ inter.key@ --to pem --out x@ --in-passphrase-env CA_PASS", /inter\.key is not the key of CN=conv/],
      ["c.pem@ s3.pem@ --to pem --out x@", /CN=dev-3 does not belong to the chain of CN=conv/],
      ["c.pem@ --to pem --out x@ --key-out y@", /there is no private key to write to ~\/y/],
      ["c.p12@ none@ --to pem --out root.pem@ --in-passphrase-env CA_PASS", /c\.p12: The passphrase does not open/],
    ];
    for (const [line, error] of errors) {
      const result = await cli.run(`convert ${line}`, { env });
      assert.equal(result.code, 2, line);
      assert.match(result.stderr, error);
    }
    writeFileSync(cli.path("cut.pem"), readFileSync(cli.path("c.pem"), "utf8").slice(0, -40));
    const cut = await cli.run("convert c.key@ cut.pem@ --to pem --out x@");
    assert.match(cut.stderr, /^error: FILE: ~\/cut\.pem: A PEM block begins and does not end/m);
    const two = readFileSync(cli.path("c.key"), "utf8").repeat(2);
    writeFileSync(cli.path("two.key"), two);
    assert.match(
      (await cli.run("convert two.key@ --to pem --out x@")).stderr,
      /~\/two\.key: The text holds 2 private keys/,
    );
    const several = await cli.run("convert none@ pass@ --to pem --out root.pem@");
    assert.equal(several.stderr.match(/^error: /gm)?.length, 3);
    assert.ok(!existsSync(cli.path("x")));
  });

  describe("prompts for passphrases", () => {
    it("on a terminal: twice for a new one, once for an old", async () => {
      cli.prompts.length = 0;
      const made = await cli.run("root --name R2 --out r2.pem@ --key-out r2.key@", { inputs: ["pw", "pw"] });
      assert.equal(made.code, 0);
      const used = `verification --code ${CODE} --out v2.pem@ --issuer r2.pem@ --issuer-key r2.key@`;
      assert.equal((await cli.run(used, { inputs: ["pw"] })).code, 0);
      const key = cli.path("r2.key");
      assert.deepEqual(cli.prompts, [
        "Passphrase of the new key: ",
        "Repeat the passphrase: ",
        `Passphrase of ${key}: `,
      ]);
      const wrong = await cli.run(used.replace("v2", "v3"), { inputs: ["no"] });
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /r2\.key: The passphrase does not open the private key, or the key is damaged; name /);
      for (const [inputs, words] of [
        [["a", "b"], "differ"],
        [[""], "protects nothing"],
      ] as const) {
        const rejected = await cli.run("root --name R3 --out r3.pem@ --key-out r3.key@", { inputs });
        assert.match(rejected.stderr, new RegExp(words));
      }
      assert.ok(!existsSync(cli.path("r3.key")));
    });

    it("without a terminal: rejects a CA's key without one, unless --no-passphrase is given", async () => {
      const line = "root --name R4 --out r4.pem@ --key-out r4.key@";
      const rejected = await cli.run(line);
      assert.equal(rejected.code, 2);
      assert.match(rejected.stderr, /^error: passphrase: .*no terminal/);
      for (const way of ["passphrase-file FILE", "passphrase-env NAME", "ask-passphrase", "no-passphrase"]) {
        assert.ok(rejected.stderr.includes(`--${way}`), way);
      }
      assert.equal((await cli.run(`${line} --no-passphrase`)).code, 0);
      assert.match(text("r4.key"), /^-----BEGIN PRIVATE KEY-----/);
      const unset = await cli.run(`issue --id d --out x.pem@ --key-out x.key@ ${issuer}`);
      assert.match(unset.stderr, /^error: --issuer-key: The environment variable CA_PASS has no passphrase\n/);
      const both = "--passphrase-env CA_PASS --no-passphrase";
      assert.match(
        (await cli.run(`${line} --force ${both}`, { env })).stderr,
        /--passphrase-env and --no-passphrase: give one/,
      );
    });
  });

  it("prints its help", async () => {
    for (const line of ["", "--help"])
      assert.match((await cli.run(line)).stdout, /^ {2}issue +Issues the certificate/m);
    const help = await cli.run("issue --help --nonsense");
    assert.equal(help.code, 0);
    assert.match(
      help.stdout,
      /^ {2}--issuer-key FILE +The issuing CA's private key, or its https address in a key vault \(required\)$/m,
    );
  });
});
