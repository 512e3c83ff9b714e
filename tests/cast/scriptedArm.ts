import { ArmClient, type ArmRequest, type ArmResponse } from "../../azure-native-stand-in/arm/armClient";
import type { Value } from "../../plugin-protocol/propertyValue";

/** One response of {@link ScriptedArm}; an Error is thrown as a network failure would be. */
export type ScriptedResponse = Error | { status: number; headers?: Record<string, string>; body?: Value };

/** An ARM that responds from a list, and records requests and waits. No network, no time. */
export class ScriptedArm {
  readonly requests: ArmRequest[] = [];
  /** Milliseconds of every pause. */
  readonly pauses: number[] = [];
  readonly client: ArmClient;

  constructor(readonly lines: ScriptedResponse[]) {
    const pause = async (milliseconds: number): Promise<void> => void this.pauses.push(milliseconds);
    this.client = new ArmClient((request) => this.send(request), pause, "https://management.azure.com", "s1");
  }

  /** Every request as `METHOD path`, the subscription left out. */
  get sequence(): string[] {
    return this.requests.map(
      ({ method, url }) => `${method} ${new URL(url).pathname.replace("/subscriptions/s1", "")}`,
    );
  }

  async send(request: ArmRequest): Promise<ArmResponse> {
    this.requests.push(request);
    const line = this.lines.shift();
    if (!line) throw new Error(`no response is left for ${request.method} ${request.url}`);
    if (line instanceof Error) throw line;
    const { status, headers = {}, body = null } = line;
    return { status, header: (name) => headers[name.toLowerCase()], body };
  }
}
