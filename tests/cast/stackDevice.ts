import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CurlAnswer, curl } from "./curl";
import type { StackProject } from "./stackProject";

/** A device of a stack, acted by curl with the certificate and key that stand in the stack's state now. */
export class StackDevice {
  readonly #folder = mkdtempSync(join(tmpdir(), "stack-device-"));

  private constructor(
    readonly registrationId: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Takes the device's chain and key out of the state. Remove it at the end. */
  static async of(project: StackProject, registrationId: string): Promise<StackDevice> {
    const { output } = await project.run("stack", "export", "--show-secrets", "--stack", "dev");
    const { deployment } = JSON.parse(output) as {
      deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
    };
    const found = deployment.resources.find(
      ({ type, outputs }) =>
        type === "pulumi-nodejs:dynamic/iot:DeviceCertificate" && outputs?.registrationId === registrationId,
    );
    const device = new StackDevice(registrationId, project.environment);
    // Secrets are shown as JSON in an envelope.
    const shown = (name: string): string => {
      const value = found?.outputs?.[name] as string | { plaintext: string } | undefined;
      return typeof value === "object" ? JSON.parse(value.plaintext) : String(value);
    };
    writeFileSync(join(device.#folder, "chain.pem"), shown("certificateChain"));
    writeFileSync(join(device.#folder, "key.pem"), shown("privateKey"), { mode: 0o600 });
    return device;
  }

  /** `PUT …/register` at the global endpoint. */
  register(idScope: string): Promise<CurlAnswer> {
    const id = this.registrationId;
    const url = `https://global.azure-devices-provisioning.net/${idScope}/registrations/${id}/register?api-version=2019-03-31`;
    return this.#send("PUT", url, { registrationId: id });
  }

  /** Sends a message to its hub. */
  send(hubHost: string, deviceId: string): Promise<CurlAnswer> {
    const url = `https://${hubHost}/devices/${deviceId}/messages/events?api-version=2020-03-13`;
    return this.#send("POST", url, { temperature: 30 });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #send(method: string, url: string, body: object): Promise<CurlAnswer> {
    const shown = ["--cert", "chain.pem", "--key", "key.pem"];
    const given = ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
    const { PATH = "" } = process.env;
    return curl(["-i", "-X", method, ...shown, ...given, url], { env: { PATH, ...this.env }, cwd: this.#folder });
  }
}
