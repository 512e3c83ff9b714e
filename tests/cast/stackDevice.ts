import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type DeviceRequest, mutualTls } from "../../azure/clients/mutualTls";
import { KeySigner } from "../../certs/signer";
import { createLeaf } from "../../providers/handlers/certificates/certificateIssuing";
import { type CurlResponse, curl } from "./curl";
import type { StackProject } from "./stackProject";

/** Reads the outputs of a dynamic resource out of the stack's state, secrets too. */
function outputsOf(
  project: StackProject,
  type: string,
  isWanted: (outputs: Readonly<Record<string, unknown>>) => boolean,
): (name: string) => string {
  const { deployment } = JSON.parse(project.exportedSecrets()) as {
    deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
  };
  const found = deployment.resources.find(
    (each) => each.type === `pulumi-nodejs:dynamic/iot:${type}` && isWanted(each.outputs ?? {}),
  );
  if (!found) throw new Error(`the stack has no such ${type}`);
  return (name) => {
    // Secrets are shown as JSON in an envelope.
    const value = found.outputs?.[name] as string | { plaintext: string } | undefined;
    return typeof value === "object" ? JSON.parse(value.plaintext) : String(value);
  };
}

/** A device of a stack: curl with the certificate and key in the stack's current state. */
export class StackDevice {
  readonly #folder = mkdtempSync(join(tmpdir(), "stack-device-"));

  private constructor(
    readonly registrationId: string,
    readonly env: Readonly<Record<string, string>>,
    private readonly chain: string,
    private readonly key: string,
  ) {
    writeFileSync(join(this.#folder, "chain.pem"), chain);
    writeFileSync(join(this.#folder, "key.pem"), key, { mode: 0o600 });
  }

  /** Takes the device's chain and key out of the state. Remove it at the end. */
  static of(project: StackProject, registrationId: string): StackDevice {
    const shown = outputsOf(project, "DeviceCertificate", (outputs) => outputs.registrationId === registrationId);
    return new StackDevice(registrationId, project.environment, shown("certificateChain"), shown("privateKey"));
  }

  /** A device outside of the stack, with a leaf of the stack's intermediate under the root of this name. */
  static async issued(project: StackProject, rootName: string, registrationId: string): Promise<StackDevice> {
    const shown = outputsOf(project, "CertificateAuthority", (outputs) => outputs.rootName === rootName);
    const issuer = {
      certificate: shown("intermediateCertificate"),
      signer: KeySigner.fromPem(shown("intermediateKey")),
      chain: shown("rootCertificate"),
    };
    const order = { registrationId, keyAlgorithm: "EC-P256", lifetimeDays: 30, now: new Date() } as const;
    const { chain, privateKey } = await createLeaf(order, issuer);
    return new StackDevice(registrationId, project.environment, chain, privateKey);
  }

  /** `PUT …/register` at the global endpoint. */
  register(idScope: string): Promise<CurlResponse> {
    const { method, url, body } = this.#registration(idScope);
    return this.#send(method, url, body);
  }

  /** Registers on one connection in turn while the work lasts; returns every status. Curl would open one for each. */
  async registerDuring(idScope: string, work: () => Promise<unknown>): Promise<readonly number[]> {
    const { env, chain, key } = this;
    const ca = readFileSync(env.NODE_EXTRA_CA_CERTS ?? "", "utf8");
    const transport = mutualTls({ certificateChain: chain, privateKey: key, ca }, { ...env });
    const seen: number[] = [];
    let isOver = false;
    const registrations = (async () => {
      while (!isOver) {
        seen.push((await transport.send(this.#registration(idScope))).status);
        // As fast as it can, it would take the processor that the work waits for.
        await pause(50);
      }
    })();
    try {
      await work();
    } finally {
      isOver = true;
      await registrations;
      await transport.close();
    }
    return seen;
  }

  /** Sends a message to its hub. */
  send(hubHost: string, deviceId: string): Promise<CurlResponse> {
    const url = `https://${hubHost}/devices/${deviceId}/messages/events?api-version=2020-03-13`;
    return this.#send("POST", url, JSON.stringify({ temperature: 30 }));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #registration(idScope: string): DeviceRequest & { readonly body: string } {
    const id = this.registrationId;
    const url = `https://global.azure-devices-provisioning.net/${idScope}/registrations/${id}/register?api-version=2019-03-31`;
    return { method: "PUT", url, body: JSON.stringify({ registrationId: id }) };
  }

  #send(method: string, url: string, body: string): Promise<CurlResponse> {
    const shown = ["--cert", "chain.pem", "--key", "key.pem"];
    const given = ["-H", "Content-Type: application/json", "-d", body];
    const { PATH = "" } = process.env;
    return curl(["-i", "-X", method, ...shown, ...given, url], { env: { PATH, ...this.env }, cwd: this.#folder });
  }
}
