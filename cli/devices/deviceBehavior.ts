import type { HubListener, HubSession, MethodResponse } from "../../azure/devices/device";
import { isObject } from "../../azure/wire/jsonObject";

/** What a device of the demonstration knows and prints. */
export interface DeviceState {
  /** Milliseconds between two messages. */
  intervalMs: number;
  print(line: string): void;
}

/** Seconds that the method `setInterval` accepts. */
const LONGEST_INTERVAL = 3600;
/** Characters of a payload in a line. */
const SHOWN = 300;

/** A text from elsewhere in one line of a terminal: control characters do nothing there. */
export function printable(text: string): string {
  const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  const clear = text.slice(0, SHOWN).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
  return text.length > SHOWN ? `${clear}…` : clear;
}

const json = (value: unknown): string => printable(JSON.stringify(value));

/** A device's direct methods: `ping`, and `setInterval` with `{ "seconds": N }`. */
function respond(state: DeviceState, name: string, payload: unknown): MethodResponse {
  if (name === "ping") return { status: 200, payload: { pong: payload } };
  if (name !== "setInterval") return { status: 404, payload: { error: "the methods are ping and setInterval" } };
  const seconds = isObject(payload) ? payload.seconds : payload;
  if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > LONGEST_INTERVAL) {
    return { status: 400, payload: { error: `seconds must be a whole number from 1 to ${LONGEST_INTERVAL}` } };
  }
  state.intervalMs = Number(seconds) * 1000;
  return { status: 200, payload: { seconds } };
}

/** Reports desired properties as they are, without the hub's own members. */
async function echo(
  session: HubSession,
  { $version, $metadata: _, ...properties }: Readonly<Record<string, unknown>>,
  { print }: DeviceState,
): Promise<void> {
  if (Object.keys(properties).length === 0) return;
  print(`desired ${json(properties)}, version ${$version}`);
  try {
    await session.report(properties);
    print(`reported ${json(properties)}`);
  } catch (error) {
    print(`not reported: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Listens to the hub: echoes desired properties to reported ones, those of now among them, answers methods, prints messages. */
export async function behave(session: HubSession, state: DeviceState): Promise<void> {
  const listener: HubListener = {
    desired: (patch) => void echo(session, patch, state),
    method(name, payload) {
      const response = respond(state, name, payload);
      state.print(`method ${printable(name)} ${json(payload)}, returned ${response.status} ${json(response.payload)}`);
      return response;
    },
    message(body, properties) {
      const named = Object.keys(properties).length === 0 ? "" : `, properties ${json(properties)}`;
      state.print(`message ${printable(body.toString("utf8"))}${named}`);
    },
  };
  await session.listen(listener);
  const twin = await session.twin();
  if (twin) await echo(session, twin.desired, state);
}
