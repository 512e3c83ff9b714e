/**
 * Creates of a list whose outcome is unknown. The state keeps them, as `begun`, until the next update, refresh or destroy has
 * looked (docs/decisions/0008).
 */
import { AzureError } from "../../../azure/clients/azureError";
import type { EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { eachOf } from "../enrollment/bulkChanges";
import { withKeys } from "../enrollment/enrollmentRecord";
import { findEnrollments } from "../enrollment/enrollmentSearch";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import type { Props } from "../resource/handler";
import { entryOuts, idKey, isSameEntry, readEntry } from "./listEntry";

type Gateway = Pick<AzureGateway, "now" | "enrollmentList" | "individualEnrollment">;

/** Code of a create that is refused because the enrollment exists: it may be of our own request, sent twice. */
export const EXISTS = "409201";

/** A requested enrollment, and the times before and after the request, ISO 8601, by the local clock. */
interface PendingCreate {
  readonly entry: Props;
  readonly from: string;
  readonly until: string;
}

/** Clock skew that is allowed for between here and the service, in milliseconds: as much as for Entra's tokens. */
const SKEW_MS = 300_000;

/** Whether an error leaves the outcome unknown. What Azure refuses is not done. */
const isUnknown = (error: unknown): boolean => !(error instanceof AzureError) || error.status >= 500;

const isWithin = ({ from, until }: PendingCreate, { createdDateTimeUtc = "" }: IndividualEnrollmentBody): boolean => {
  const created = Date.parse(createdDateTimeUtc);
  return created >= Date.parse(from) - SKEW_MS && created <= Date.parse(until) + SKEW_MS;
};

/** The creates of a list that are in flight, or were when a run ended. */
export class PendingCreates {
  readonly #gateway: Gateway;
  readonly #all = new Map<string, PendingCreate & { readonly id: string }>();

  /** `olds` are outputs of earlier runs. */
  constructor(gateway: Gateway, olds: Props) {
    this.#gateway = gateway;
    for (const [id, note] of Object.entries((olds.begun ?? {}) as Readonly<Record<string, PendingCreate>>))
      this.#all.set(idKey(id), { ...note, id });
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Registration IDs. */
  ids(): readonly string[] {
    return [...this.#all.values()].map(({ id }) => id);
  }

  /**
   * The client, recording creates whose outcome is unknown after a failure. An existing enrollment counts as well, until it is
   * {@link resolve}d: it may be of the same request, sent twice.
   */
  recording(client: Like<EnrollmentListClient>, entryOf: (id: string) => Props): Like<EnrollmentListClient> {
    const now = () => this.#gateway.now().toISOString();
    return {
      page: (size, continuation) => client.page(size, continuation),
      run: async (mode, enrollments) => {
        const from = now();
        const note = ({ registrationId: id }: { readonly registrationId: string }): void => {
          this.#all.set(idKey(id), { id, entry: entryOuts(entryOf(id)), from, until: now() });
        };
        try {
          const refused = await client.run(mode, enrollments);
          refused.filter(({ code }) => code === EXISTS).forEach(note);
          return refused;
        } catch (error) {
          if (isUnknown(error)) enrollments.forEach(note);
          throw error;
        }
      },
    };
  }

  /** Removes a create whose outcome is known. */
  resolve(id: string): void {
    this.#all.delete(idKey(id));
  }

  /**
   * Finds the outcome of each, and returns the enrollments that are ours: those with exactly the requested content that were
   * created at that time. Anything else of that registration ID is another's.
   */
  async settle(service: string): Promise<readonly (readonly [id: string, entry: Props])[]> {
    const created: (readonly [string, Props])[] = [];
    const notes = [...this.#all.values()];
    const found = await findEnrollments(
      this.#gateway,
      service,
      notes.map(({ id }) => id),
    );
    await eachOf(notes, async (note) => {
      const { id, entry } = note;
      const plain = found.get(idKey(id));
      if (plain && isWithin(note, plain)) {
        const body = await withKeys(this.#gateway.individualEnrollment(service, id), plain);
        if (isSameEntry(readEntry(id, entry, body), entry)) created.push([id, entry]);
      }
      this.resolve(id);
    });
    return created;
  }

  /** For the outputs; empty if every outcome is known. Contains whole entries, with their keys. */
  outs(): Readonly<Record<string, unknown>> {
    const notes = [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.isEmpty ? {} : { begun: Object.fromEntries(notes.map(({ id, ...note }) => [id, note])) };
  }
}
