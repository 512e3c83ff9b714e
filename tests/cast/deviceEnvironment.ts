import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSas } from "../../azure/sas";
import { type CurlResponse, curl } from "./curl";
import type { TestAzure } from "./localAzure";

const HUB = "test-hub";
const DPS = "test-dps";

/**
 * A local Azure with a hub and a provisioning service linked to it, and a folder with the certificates of Microsoft's
 * document on X.509 devices over HTTPS, made with the openssl program by its own commands.
 */
export class DeviceEnvironment {
  readonly hubHost = `${HUB}.azure-devices.net`;
  readonly serviceHost = `${DPS}.azure-devices-provisioning.net`;
  readonly folder = mkdtempSync(join(tmpdir(), "device-environment-"));
  /** Of the provisioning service, after `open`. */
  idScope = "";
  /** Access tokens by resource. */
  readonly #tokens = new Map<string, Promise<string>>();

  private constructor(readonly azure: TestAzure) {}

  /** Deploys all of it to the new local Azure, which ends with it. */
  static async open(azure: TestAzure): Promise<DeviceEnvironment> {
    const environment = new DeviceEnvironment(azure);
    try {
      environment.#makeCertificates();
      await environment.#deploy();
      return environment;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.azure.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  openssl(...args: string[]): string {
    return execFileSync("openssl", args, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  curl(...args: string[]): Promise<CurlResponse> {
    return curl(args, { env: this.azure.env, cwd: this.folder });
  }

  /** Returns all data of the services, to check that a refusal changed nothing. */
  async contents(): Promise<string> {
    const registry = await this.hub("GET", "/devices");
    const registrations = await this.service("POST", "/registrations/line-1/query", { query: "SELECT *" });
    const { body } = await this.azure.control("GET", `/hubs/${HUB}/events`);
    return JSON.stringify([registry.body, registrations.body, body]);
  }

  /** Issues a leaf under a CA of the folder: `NAME.key.pem` and `NAME.cert.pem`. */
  issue(
    name: string,
    { cn = name, ca = "certs/azure-iot-test-only.intermediate", eku = "clientAuth", days = "30" } = {},
  ) {
    const key = `private/${name}.key.pem`;
    this.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key);
    this.openssl("req", "-new", "-key", key, "-subj", `/CN=${cn}`, "-out", `${name}.csr`);
    const extensions = `basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${eku}\n`;
    this.#sign(name, `certs/${name}.cert.pem`, ca, extensions, days);
  }

  /** Joins certificates into a chain file. */
  chain(file: string, ...parts: string[]): void {
    writeFileSync(join(this.folder, file), parts.map((part) => this.read(part)).join(""));
  }

  /** A call to ARM, signed in through Entra as the environment says. */
  async arm(method: string, path: string, version: string, body?: unknown): Promise<CurlResponse> {
    return this.#json(method, `https://management.azure.com${path}?api-version=${version}`, body, [
      "-H",
      `Authorization: Bearer ${await this.bearer("https://management.azure.com")}`,
    ]);
  }

  /** A call to the DPS service API. */
  async service(method: string, path: string, body?: unknown, headers: readonly string[] = []): Promise<CurlResponse> {
    const token = await this.bearer("https://azure-devices-provisioning.net");
    const own = headers.some((each) => each.startsWith("Authorization"));
    const sent = [...headers, ...(own ? [] : [`Authorization: Bearer ${token}`])].flatMap((each) => ["-H", each]);
    return this.#json(method, `https://${this.serviceHost}${path}?api-version=2021-10-01`, body, sent);
  }

  /** A call to the hub's service API. */
  async hub(method: string, path: string, body?: unknown): Promise<CurlResponse> {
    const token = await this.bearer("https://iothubs.azure.net");
    const header = ["-H", `Authorization: Bearer ${token}`];
    return this.#json(method, `https://${this.hubHost}${path}?api-version=2021-04-12`, body, header);
  }

  /** A token for the resource, which one sign-in gets. */
  bearer(resource: string): Promise<string> {
    const token = this.#tokens.get(resource) ?? this.#signIn(resource);
    this.#tokens.set(resource, token);
    return token;
  }

  async #signIn(resource: string): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.azure.ready;
    const { body, text } = await this.curl(
      ...["-i", "-d", `grant_type=client_credentials&client_id=${clientId}`],
      ...["--data-urlencode", `client_secret=${clientSecret}`],
      ...["--data-urlencode", `scope=${resource}/.default`],
      `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    );
    if (typeof body?.access_token !== "string") throw new Error(`no token: ${text}`);
    return body.access_token;
  }

  /** The keys of the provisioning service's owner policy. */
  async ownerKey(): Promise<string> {
    const path = `${this.#group()}/providers/Microsoft.Devices/provisioningServices/${DPS}/listkeys`;
    const { body } = await this.arm("POST", path, "2022-12-12");
    return body.value[0].primaryKey;
  }

  /** Replaces properties of the hub. */
  async changeHub(properties: object, more: object = {}): Promise<CurlResponse> {
    const path = `${this.#group()}/providers/Microsoft.Devices/IotHubs/${HUB}`;
    const { body } = await this.arm("GET", path, "2023-06-30");
    const changed = { ...body, ...more, properties: { ...body.properties, ...properties } };
    return this.arm("PUT", path, "2023-06-30", changed);
  }

  /** Exports the devices of the hub by ARM. */
  exportDevices(body: object): Promise<CurlResponse> {
    const path = `${this.#group()}/providers/Microsoft.Devices/IotHubs/${HUB}/exportDevices`;
    return this.arm("POST", path, "2023-06-30", body);
  }

  /** The key of the hub's owner policy. */
  async hubKey(): Promise<string> {
    const path = `${this.#group()}/providers/Microsoft.Devices/IotHubs/${HUB}/listkeys`;
    const { body } = await this.arm("POST", path, "2023-06-30");
    return body.value[0].primaryKey;
  }

  /**
   * The connection string of the hub's built-in events endpoint, as the portal shows it. `local`: as for the emulator of
   * Event Hubs, AMQP without TLS at this address.
   */
  async eventsConnectionString({ local }: { readonly local?: string } = {}): Promise<string> {
    const path = `${this.#group()}/providers/Microsoft.Devices/IotHubs/${HUB}`;
    const { body } = await this.arm("GET", path, "2023-06-30");
    const { endpoint, path: entity } = body.properties.eventHubEndpoints.events;
    const where = local === undefined ? `Endpoint=${endpoint}` : `Endpoint=sb://${local};UseDevelopmentEmulator=true`;
    return `${where};SharedAccessKeyName=iothubowner;SharedAccessKey=${await this.hubKey()};EntityPath=${entity}`;
  }

  /** Sends a message as a device with this key. */
  async telemetry(
    device: string,
    key: string,
    message: unknown,
    properties: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const sas = createSas(`${this.hubHost}/devices/${device}`, key, Math.floor(Date.now() / 1000) + 3600);
    const headers = Object.entries(properties).map(([name, value]) => `iothub-app-${name}: ${value}`);
    const sent = [`Authorization: ${sas}`, ...headers].flatMap((each) => ["-H", each]);
    const url = `https://${this.hubHost}/devices/${device}/messages/events?api-version=2021-04-12`;
    const { status, text } = await this.#json("POST", url, message, sent);
    if (status !== 204) throw new Error(`telemetry: ${status} ${text}`);
  }

  #json(method: string, url: string, body: unknown, more: readonly string[]): Promise<CurlResponse> {
    const data = body === undefined ? ["-d", ""] : ["-d", JSON.stringify(body)];
    const sent = method === "GET" || method === "DELETE" ? [] : data;
    return this.curl("-i", "-X", method, ...more, "-H", "Content-Type: application/json", ...sent, url);
  }

  #group(): string {
    return `/subscriptions/${this.azure.ready.subscriptionId}/resourceGroups/test-rg`;
  }

  #sign(name: string, out: string, ca: string, extensions: string, days: string): void {
    writeFileSync(join(this.folder, `${name}.ext`), extensions);
    const issuer = [
      "-CA",
      `${ca}.cert.pem`,
      "-CAkey",
      `${ca.replace("certs/", "private/")}.key.pem`,
      "-CAcreateserial",
    ];
    const files = ["-in", `${name}.csr`, "-extfile", `${name}.ext`, "-out", out];
    this.openssl("x509", "-req", "-sha256", "-days", days, ...issuer, ...files);
  }

  /** Writes an RSA key, encrypted where there is a passphrase. */
  #makeKey(file: string, modulusLength: number, passphrase?: string): void {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
    const cipher = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
    writeFileSync(join(this.folder, file), privateKey.export({ type: "pkcs8", format: "pem", ...cipher }));
  }

  #makeCertificates(): void {
    for (const name of ["certs", "private"]) mkdirSync(join(this.folder, name));
    // The document's own command, but with a key of this process (tests/cast/rsaPool.cjs); the passphrase that it asks for is given here.
    this.#makeKey("device-key.pem", 4096, "1234");
    this.openssl(
      ...["req", "-outform", "PEM", "-x509", "-sha256", "-key", "device-key.pem", "-passin", "pass:1234"],
      ...["-out", "device-cert.pem", "-days", "30", "-extensions", "usr_cert"],
      ...["-addext", "extendedKeyUsage=clientAuth", "-subj", "/CN=my-x509-device"],
    );
    for (const ca of ["azure-iot-test-only.root.ca", "unverified.root.ca"]) {
      this.#makeKey(`private/${ca}.key.pem`, 2048);
      this.openssl(
        ...["req", "-x509", "-sha256", "-key", `private/${ca}.key.pem`],
        ...["-out", `certs/${ca}.cert.pem`, "-days", "365", "-subj", `/CN=${ca}`],
        ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      );
    }
    const intermediate = "azure-iot-test-only.intermediate";
    this.#makeKey(`private/${intermediate}.key.pem`, 2048);
    this.openssl(
      ...["req", "-new", "-key", `private/${intermediate}.key.pem`],
      ...["-subj", "/CN=Azure IoT Hub Intermediate Cert Test Only", "-out", `${intermediate}.csr`],
    );
    const extensions = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n";
    this.#sign(intermediate, `certs/${intermediate}.cert.pem`, "certs/azure-iot-test-only.root.ca", extensions, "365");
    this.issue("device-01");
    this.chain(
      "certs/device-01-full-chain.cert.pem",
      "certs/device-01.cert.pem",
      `certs/${intermediate}.cert.pem`,
      "certs/azure-iot-test-only.root.ca.cert.pem",
    );
  }

  async #deploy(): Promise<void> {
    const devices = `${this.#group()}/providers/Microsoft.Devices`;
    const location = "westeurope";
    const done = async (response: Promise<CurlResponse>): Promise<CurlResponse> => {
      const { status, text } = await response;
      if (status < 200 || status > 299)
        throw new Error(`the device environment could not be created: ${status} ${text}`);
      return response;
    };
    await done(this.arm("PUT", this.#group(), "2024-03-01", { location }));
    const sku = { name: "S1", capacity: 1 };
    await done(this.arm("PUT", `${devices}/IotHubs/${HUB}`, "2023-06-30", { location, sku, properties: {} }));
    const keys = await done(this.arm("POST", `${devices}/IotHubs/${HUB}/listkeys`, "2023-06-30"));
    const { keyName, primaryKey } = keys.body.value[0];
    const connectionString = `HostName=${this.hubHost};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey}`;
    const properties = { iotHubs: [{ connectionString, location }] };
    const dps = `${devices}/provisioningServices/${DPS}`;
    await done(this.arm("PUT", dps, "2022-12-12", { location, sku, properties }));
    const created = await done(this.arm("GET", dps, "2022-12-12"));
    this.idScope = created.body.properties.idScope;
    for (const [name, isVerified] of [
      ["azure-iot-test-only.root.ca", true],
      ["unverified.root.ca", false],
    ] as const) {
      const certificate = Buffer.from(this.read(`certs/${name}.cert.pem`)).toString("base64");
      const body = { properties: { certificate, isVerified } };
      await done(this.arm("PUT", `${dps}/certificates/${name}`, "2022-12-12", body));
    }
  }
}
