import { strict as assert } from "node:assert";
import { DataPlane, HUB_HOST, type TestResponse } from "./dataPlane";

/** Calls a hub's service API as the owner of the hub. */
export class HubOwner {
  constructor(readonly plane = new DataPlane()) {}

  ask(
    name: string,
    params: Readonly<Record<string, string>> = {},
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<TestResponse> {
    const authorization = this.plane.sas(HUB_HOST, "iothubowner");
    return this.plane.ask(name, { params, body, headers: { authorization, ...headers } });
  }

  /** Calls an operation that must succeed; returns the response's body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  async done(...call: Parameters<HubOwner["ask"]>): Promise<any> {
    const { status, body } = await this.ask(...call);
    assert.ok(status < 300, `${call[0]}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Calls an operation that must be refused with a status, an error name and words, and must change nothing. */
  async refused(
    call: Parameters<HubOwner["ask"]>,
    status: number,
    errorName: string,
    words: string | RegExp = "",
  ): Promise<void> {
    const before = this.plane.contents();
    const { status: given, headers, body } = await this.ask(...call);
    assert.deepEqual([given, headers["iothub-errorcode"]], [status, errorName], JSON.stringify(body));
    const text = `${body.Message} ${headers["x-local-azure-reason"] ?? ""}`;
    if (typeof words === "string") assert.ok(text.includes(words), text);
    else assert.match(text, words);
    assert.equal(this.plane.contents(), before, "nothing changed");
  }

  /** Creates a device; returns its identity. */
  device(deviceId: string, more: object = {}): ReturnType<HubOwner["done"]> {
    return this.done("Devices_CreateOrUpdateIdentity", { deviceId }, { deviceId, ...more });
  }

  /** Creates a module; returns its identity. */
  module(deviceId: string, moduleId: string, more: object = {}): ReturnType<HubOwner["done"]> {
    return this.done("Modules_CreateOrUpdateIdentity", { deviceId, moduleId }, { deviceId, moduleId, ...more });
  }
}
