import type { WireResponse } from "../azureClient";
import type { WrittenKind } from "./writtenKinds";

/** A version of a thing: 0 is none, others count from 1. */
type Version = number;

/** Every so many versions, a thing is removed where it can be written again. */
const REMOVED_EVERY = 5;

/** One thing with one writer, and the ledger of its versions. */
export class WrittenThing {
  /** The version that the local Azure acknowledged last, or that was read back. */
  #acknowledged: Version = 0;
  /** The version sent after it, without a response so far. One writer waits for each response, so there is one at most. */
  #sent: Version | undefined;
  #last: Version = 0;

  constructor(
    readonly kind: WrittenKind,
    readonly name: string,
  ) {}

  /** Whether it existed after the last acknowledgement or reading. */
  get exists(): boolean {
    return this.#acknowledged !== 0;
  }

  /** Writes the next version, or removes the thing. Returns after its acknowledgement. Errors: whatever ends the request. */
  async write(isRemoval = this.#isRemovalDue()): Promise<void> {
    const { kind } = this;
    const version = isRemoval ? 0 : ++this.#last;
    this.#sent = version;
    const headers: Record<string, string> = kind.isConditional && this.exists ? { "if-match": "*" } : {};
    const [method, url] = kind.target?.(version, this.name) ?? [isRemoval ? "DELETE" : "PUT", kind.url(this.name)];
    const response = await kind.send(method, url, {
      headers,
      body: isRemoval ? undefined : kind.body(version, this.name),
    });
    if (response.status >= 300) throw new RefusedWrite(this, isRemoval ? "removal" : `version ${version}`, response);
    this.#acknowledged = version;
    this.#sent = undefined;
  }

  /** A thing without marks is written and removed in turn: its two states are its versions. */
  #isRemovalDue(): boolean {
    if (!this.exists || !this.kind.isRewritable) return false;
    return this.kind.marks({}).length === 0 || (this.#last + 1) % REMOVED_EVERY === 0;
  }

  /**
   * Reads the thing, and goes on with the version that is there. Returns what is wrong: a version that is neither the last
   * acknowledged nor sent after it, or a mixture of versions.
   */
  async readBack(): Promise<string | undefined> {
    const possible = this.#sent === undefined ? [this.#acknowledged] : [this.#acknowledged, this.#sent];
    const response = await this.#read();
    const version = this.#versionIn(response, possible);
    if (version === undefined || !possible.includes(version)) {
      const sent = this.#sent === undefined ? "" : `, ${this.#sent} sent`;
      return `${this} (version ${this.#acknowledged} acknowledged${sent}; 0 is none) reads ${show(response)}`;
    }
    this.#acknowledged = version;
    this.#sent = undefined;
    // What never existed starts with version 1 again: a twin's first version creates its device.
    if (version === 0 && !this.kind.isRewritable) this.#last = 0;
    return undefined;
  }

  async #read(): Promise<WireResponse> {
    const { attachment, send, url } = this.kind;
    const response = await send("GET", url(this.name));
    if (response.status !== 200 || !attachment) return response;
    const { body } = await send("POST", `${url(this.name)}${attachment.path}`);
    return { ...response, body: { ...(response.body as object), [attachment.name]: body } };
  }

  /** Undefined for a mixture, and for a response that is neither the thing nor its absence. */
  #versionIn({ status, body }: WireResponse, possible: readonly Version[]): Version | undefined {
    if (status === 404) return 0;
    if (status !== 200) return undefined;
    const [first = possible.find((version) => version !== 0), ...others] = this.kind.marks(
      body as Record<string, unknown>,
    );
    return others.every((mark) => mark === first) ? (first as Version | undefined) : undefined;
  }

  toString(): string {
    return `${this.kind.name} ${this.name}`;
  }
}

const show = ({ status, body }: WireResponse): string => `${status} ${JSON.stringify(body)}`.slice(0, 1500);

/** A valid write that the local Azure refused. */
export class RefusedWrite extends Error {
  constructor(thing: WrittenThing, what: string, response: WireResponse) {
    super(`${thing}: its ${what} returned ${show(response)}`);
  }
}
