import type { DeviceKey } from "../../kernel/deviceKey";
import { parseJson } from "../../kernel/parseJson";
import type { EventDraft } from "../events/hubEvent";
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
  #document: object | undefined;

  constructor(
    private readonly draft: EventDraft,
    private readonly twinOf: (key: DeviceKey) => Twin | undefined,
  ) {}

  get properties(): object {
    this.#document ??= this.#build();
    return this.#document;
  }

  twin(): object | undefined {
    const { deviceId, systemProperties } = this.draft;
    const twin = this.twinOf({ deviceId, moduleId: systemProperties["iothub-connection-module-id"] });
    return twin && twinDocument(twin);
  }

  #build(): object {
    const { draft } = this;
    const entries = Object.entries(draft.properties).map(([name, value]) => [name.toLowerCase(), value]);
    const system = Object.entries(draft.systemProperties).flatMap(([name, value]) =>
      SYSTEM[name] === undefined ? [] : [[SYSTEM[name], value]],
    );
    const document = Object.fromEntries([...entries, ...system]);
    // Read only if a condition names them.
    let body: { readonly value: unknown } | undefined;
    Object.defineProperty(document, "$body", {
      enumerable: true,
      get() {
        body ??= { value: bodyOf(draft) };
        return body.value;
      },
    });
    Object.defineProperty(document, "$twin", { enumerable: true, get: () => this.twin() });
    return document;
  }
}
