/**
 * The rival of the fleet: devices of a manifest register by Azure's own SDK for Node over HTTPS, in one process, so many at once.
 * Arguments: folder with the SDK, manifest, ID scope, devices at once. Prints the seconds that it took.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { GLOBAL_DEVICE_ENDPOINT } from "../../azure/hosts";
import { rate } from "../measure";

/** What the program uses of the SDK's packages. */
interface Sdk {
  readonly ProvisioningDeviceClient: {
    create(
      host: string,
      idScope: string,
      transport: object,
      security: object,
    ): { register(): Promise<{ status: string }> };
  };
  readonly Http: new () => object;
  readonly X509Security: new (registrationId: string, certificate: { cert: string; key: string }) => object;
}

const [folder = "", manifest = "", idScope = "", atOnce = "1"] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));
const { ProvisioningDeviceClient, Http, X509Security }: Sdk = {
  ...load("azure-iot-provisioning-device"),
  ...load("azure-iot-provisioning-device-http"),
  ...load("azure-iot-security-x509"),
};

async function main(): Promise<void> {
  const lines = readFileSync(manifest, "utf8").split("\n").filter(Boolean);
  const devices = lines.map((line) => JSON.parse(line) as { registrationId: string; files: readonly [string] });
  const perSecond = await rate(devices, Number(atOnce), async ({ registrationId, files }) => {
    const pem = readFileSync(join(dirname(manifest), files[0]), "utf8");
    const security = new X509Security(registrationId, { cert: pem, key: pem });
    const client = ProvisioningDeviceClient.create(GLOBAL_DEVICE_ENDPOINT, idScope, new Http(), security);
    const { status } = await client.register();
    if (status !== "assigned") throw new Error(`${registrationId} is ${status}`);
  });
  process.stdout.write(String(perSecond), () => process.exit(0));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
