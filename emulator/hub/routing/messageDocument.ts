import type { DeviceKey } from "../../kernel/deviceKey";
import { parseJson } from "../../kernel/parseJson";
import type { EventDraft } from "../events/eventStore";
import type { Twin } from "../twins/twinStore";

/** System properties of an event by the lower-case names that conditions use. */
const SYSTEM: Readonly<Record<string, string>> = {
  "message-id": "$messageid",
  "correlation-id": "$correlationid",
  "user-id": "$userid",
  "content-type": "$contenttype",
  "content-encoding": "$contentencoding",
  to: "$to",
  "iothub-connection-device-id": "$connectiondeviceid",
  "iothub-connection-module-id": "$connectionmoduleid",
  "iothub-connection-auth-method": "$connectionauthmethod",
};

/** Encodings of a body that conditions can read. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  "utf-16": "utf-16le",
  utf8: "utf-8",
};

/** The body as JSON: only if the message says that it is, in an encoding of Unicode. */
function bodyOf({ body, systemProperties }: EventDraft): unknown {
  const encoding = ENCODINGS[(systemProperties["content-encoding"] ?? "").toLowerCase()];
  if (!encoding || !/^application\/json\b/i.test(systemProperties["content-type"] ?? "")) return undefined;
  try {
    return parseJson(Buffer.from(new TextDecoder(encoding).decode(body)));
  } catch {
    return undefined;
  }
}

/** What conditions and enrichments read of a twin. */
const twinDocument = ({ tags, desired, reported }: Twin): object => ({ tags, properties: { desired, reported } });

/** An event as a condition sees it: application properties, system properties (`$…`), `$body` and `$twin`. */
export class MessageDocument {
  readonly #twin: () => Twin | undefined;
  readonly #document: Record<string, unknown>;

  constructor(draft: EventDraft, twinOf: (key: DeviceKey) => Twin | undefined) {
    const { deviceId, systemProperties, properties } = draft;
    const moduleId = systemProperties["iothub-connection-module-id"];
    this.#twin = () => twinOf({ deviceId, moduleId });
    const entries = Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value]);
    const system = Object.entries(systemProperties).flatMap(([name, value]) =>
      SYSTEM[name] === undefined ? [] : [[SYSTEM[name], value]],
    );
    this.#document = Object.fromEntries([...entries, ...system]);
    // Read only if a condition names them.
    let body: { readonly value: unknown } | undefined;
    Object.defineProperty(this.#document, "$body", {
      enumerable: true,
      get() {
        body ??= { value: bodyOf(draft) };
        return body.value;
      },
    });
    Object.defineProperty(this.#document, "$twin", { enumerable: true, get: () => this.twin() });
  }

  get properties(): object {
    return this.#document;
  }

  twin(): object | undefined {
    const twin = this.#twin();
    return twin && twinDocument(twin);
  }
}
