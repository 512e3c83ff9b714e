/** What one device was sent, received and reported, over all processes of the local Azure. */
export class DeviceLedger {
  /** Messages that the service sent, by number from 0. */
  sent = 0;
  /** The messages that the local Azure acknowledged to the service. */
  readonly accepted = new Set<number>();
  /** The messages that the device received, in the order of their first delivery. */
  readonly received = new Set<number>();
  /** The messages that the local Azure confirmed as completed, by its response or by feedback. */
  readonly completed = new Set<number>();
  /** Messages by the feedback that the service completed: once each. */
  readonly feedback = new Map<number, number>();
  /** Messages with feedback whose completion had no response. */
  readonly unsure = new Set<number>();
  /** Reported properties: the number sent last, and the one acknowledged last; 0 is none. */
  reportedSent = 0;
  reported = 0;
  /** Deliveries of a message that was received before. */
  repeated = 0;
  readonly findings: string[] = [];
  /** The last message before each request without a response: the hub may hold the lock of a later one, which then comes late. */
  readonly #missed: number[] = [];

  constructor(readonly deviceId: string) {}

  /** Notes a delivery to the device. */
  deliver(number: number): void {
    if (this.completed.has(number)) this.#find(`gets message ${number}, which is completed, again`);
    if (this.received.has(number)) this.repeated += 1;
    else if (number < this.#last && !this.#isLate(number)) this.#find(`gets message ${number} after a later one`);
    this.received.add(number);
  }

  /** Notes a request for a message that has no response. */
  missDelivery(): void {
    this.#missed.push(this.#last);
  }

  get #last(): number {
    return Math.max(-1, ...this.received);
  }

  /** Whether a message is that of a missed delivery, of which each has one. */
  #isLate(number: number): boolean {
    const index = this.#missed.findIndex((last) => number > last);
    if (index >= 0) this.#missed.splice(index, 1);
    return index >= 0;
  }

  /** Notes feedback that the service received. */
  confirm(number: number, statusCode: string): void {
    if (statusCode !== "Success") this.#find(`message ${number} has the feedback ${statusCode}`);
    if (!this.received.has(number)) this.#find(`message ${number} is completed and was never delivered`);
    this.completed.add(number);
  }

  /** Messages that were delivered, and have no feedback so far. */
  get silent(): readonly number[] {
    return [...this.received].filter((number) => !this.feedback.has(number) && !this.unsure.has(number));
  }

  /** What is wrong once the queue is empty, all feedback is received and `reported` is what the twin has. */
  check(reported: number): readonly string[] {
    const missing = [...this.accepted].filter((number) => !this.received.has(number));
    if (missing.length > 0) this.#find(`never got the messages ${missing.join(", ")}`);
    if (this.silent.length > 0) this.#find(`has no feedback on the messages ${this.silent.join(", ")}`);
    const twice = [...this.feedback].filter(([, count]) => count > 1).map(([number]) => number);
    if (twice.length > 0) this.#find(`has feedback twice on the messages ${twice.join(", ")}`);
    if (reported !== this.reported && reported !== this.reportedSent) {
      this.#find(`reported ${this.reported} (acknowledged) and ${this.reportedSent} (sent), its twin has ${reported}`);
    }
    this.reported = reported;
    return this.findings;
  }

  #find(what: string): void {
    this.findings.push(`${this.deviceId} ${what}`);
  }
}
