import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logFile } from "../../cli/local/localAzureProcess";
import { DEV_PASSPHRASE } from "../../cli/local/localEnvironment";
import { stateFile } from "../../cli/pulumi/stackState";
import { Checkout, type CommandEnd, listing } from "../cast/checkout";
import type { ExportedResource } from "../cast/stackFile";

const PROJECT = "azure-iot-zero-touch";
/** Long enough to list the processes meanwhile, in milliseconds. */
const A_WHILE = 3000;
/** How Pulumi writes a secret in an export with --show-secrets. */
interface Secret {
  readonly plaintext: string;
}

const isSecret = (value: unknown): value is Secret =>
  typeof value === "object" && value !== null && typeof (value as Partial<Secret>).plaintext === "string";

/** Every text in a value of the export, those in secrets too. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (isSecret(value)) return texts(JSON.parse(value.plaintext));
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** What must be seen nowhere: a line of each private key that is this key's alone, and each shared access key. */
function secretsIn(resources: readonly ExportedResource[]): readonly string[] {
  const all = resources.flatMap(texts);
  const keys = all
    .filter((text) => /^-----BEGIN (?:\w+ )?PRIVATE KEY-----/.test(text))
    .map((pem) => pem.split("\n")[2] ?? "");
  const shared = all.flatMap((text) => [...text.matchAll(/SharedAccessKey=([^;"]+)/g)].map((match) => match[1] ?? ""));
  // Azure itself returns asterisks in place of a key.
  return [...new Set([...keys, ...shared])].filter((secret) => !/^\*+$/.test(secret));
}

const openssl = (...args: string[]): string => execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });

/** The dev stack by the commands of a user: what it makes, under openssl's eyes, and where its secrets are not. */
describe("keys and certificates of the dev stack", function () {
  this.timeout(300_000);
  let checkout: Checkout;
  let folder: string;
  let up: CommandEnd;
  let shell: string;
  let seen: readonly string[];
  let resources: readonly ExportedResource[];

  const settings = (): string => join(checkout.folder, "Pulumi.dev.yaml");
  /** Runs `up` with these lines under the settings; they stay. */
  async function upWith(lines: string): Promise<string> {
    writeFileSync(settings(), readFileSync(settings(), "utf8") + lines);
    const { code, stdout, stderr } = await checkout.zero("up");
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  }
  async function exported(): Promise<readonly ExportedResource[]> {
    const line = "pulumi stack export --show-secrets --stack dev";
    const { code, stdout, stderr } = await checkout.shell(line, shell);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).deployment.resources;
  }
  const ofType = (type: string): readonly ExportedResource[] =>
    resources.filter((resource) => resource.type.endsWith(type));
  function write(name: string, text: unknown): string {
    const file = join(folder, name);
    writeFileSync(file, String(text), { mode: 0o600 });
    return file;
  }

  /** Lets openssl judge each device's chain, up to the root alone. */
  function judge(key: RegExp, signature: RegExp): void {
    const [authority] = ofType(":CertificateAuthority").filter(({ outputs }) => outputs?.rootCertificate);
    const root = write("root.pem", authority?.outputs?.rootCertificate);
    const devices = ofType(":DeviceRegistration");
    assert.equal(devices.length, 2);
    for (const { outputs } of devices) {
      // openssl verifies the first certificate of a file: the leaf comes first.
      const chain = write("chain.pem", outputs?.certificateChain);
      const verified = openssl("verify", "-purpose", "sslclient", "-CAfile", root, "-untrusted", chain, chain);
      assert.equal(verified.trim(), `${chain}: OK`);
      assert.throws(() => openssl("verify", "-purpose", "sslserver", "-CAfile", root, "-untrusted", chain, chain));
      const text = openssl("x509", "-in", chain, "-noout", "-text", "-nameopt", "RFC2253");
      assert.ok(text.includes(`Subject: CN=${String(outputs?.registrationId)}\n`), text);
      assert.match(text, /X509v3 Extended Key Usage: *\n +TLS Web Client Authentication\n/);
      assert.match(text, /X509v3 Basic Constraints: critical\n +CA:FALSE/);
      assert.match(text, key);
      assert.match(text, signature);
    }
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "material-"));
    checkout = new Checkout();
    await checkout.placeKeys();
    shell = await checkout.env();
    await checkout.hold("dps-device", "RuntimeRegistration_RegisterDevice", A_WHILE);
    const running = checkout.begin("up");
    await checkout.held(running);
    seen = listing().map(({ args }) => args);
    up = await running.ended;
    assert.equal(up.code, 0, up.stdout + up.stderr);
    resources = await exported();
    await checkout.attachProviders(shell);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await checkout?.remove();
  });

  it("shows no secret in output, log, processes, state or the clone's files", () => {
    const { clientSecret, controlToken } = checkout.ready;
    const secrets = secretsIn(resources);
    // Root, intermediate, two devices. The provisioning service is linked by its identity: there is no key of the hub.
    assert.ok(secrets.length >= 4, `${secrets.length} secrets`);
    assert.ok(secrets.every((secret) => secret.length >= 40));
    assert.ok(seen.some((args) => args.includes(`${checkout.paths.pulumiHome}/plugins/`)));
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
      cwd: checkout.folder,
      encoding: "utf8",
    });
    const places: Readonly<Record<string, string>> = {
      output: up.stdout + up.stderr,
      log: readFileSync(logFile(checkout.paths.azure), "utf8"),
      processes: seen.join("\n"),
      state: readFileSync(stateFile(checkout.paths), "utf8"),
      files: files
        .trim()
        .split("\n")
        .map((file) => readFileSync(join(checkout.folder, file), "latin1"))
        .join("\n"),
    };
    for (const [place, text] of Object.entries(places)) {
      for (const secret of [...secrets, clientSecret, controlToken]) assert.ok(!text.includes(secret), place);
      // The sources name both: the passphrase is a published one, and PEM's label is in the code that reads it.
      if (place === "files") continue;
      assert.ok(!text.includes(DEV_PASSPHRASE), place);
      assert.doesNotMatch(text, /BEGIN [\w ]*PRIVATE KEY/, place);
    }
  });

  it("makes certificates that openssl accepts for clients: EC by default", () => {
    judge(/NIST CURVE: P-256/, /Signature Algorithm: ecdsa-with-SHA256/);
  });

  it("replaces them with RSA keys, under a root that is only asserted", async () => {
    const before = ofType(":CertificateAuthority").map(({ outputs }) => outputs?.rootThumbprint);
    const output = await upWith(`  ${PROJECT}:keyAlgorithm: RSA-2048\n  ${PROJECT}:verification: asserted\n`);
    assert.match(output, /Root certificate +zero-touch-root, verified/);
    assert.equal(output.match(/ +status +assigned\n/g)?.length, 2, output);
    resources = await exported();
    assert.notDeepEqual(
      ofType(":CertificateAuthority").map(({ outputs }) => outputs?.rootThumbprint),
      before,
    );
    judge(/Public-Key: \(2048 bit\)/, /Signature Algorithm: sha256WithRSAEncryption/);
  });

  it("works without devices, and deletes the former ones", async () => {
    const output = await upWith(`  ${PROJECT}:groupDevices: []\n  ${PROJECT}:individualDevices: []\n`);
    assert.match(output, /Individual enrollments +none/);
    assert.doesNotMatch(output, /^ +Device /m);
    assert.doesNotMatch(readFileSync(stateFile(checkout.paths), "utf8"), /:DeviceRegistration"/);
    assert.equal((await checkout.zero("preview", "--expect-no-changes")).code, 0);
  });
});
