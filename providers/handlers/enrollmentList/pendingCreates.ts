/**
 * Enrollments of a list whose making was begun and not answered for: they may stand, and may not. The state has them until
 * the next run, a refresh or a destroy has looked (docs/decisions/0008).
 */
import { AzureError } from "../../../azure/clients/azureError";
import type { EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import { nameKey } from "../../../azure/names";
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { eachOf } from "../enrollment/bulkChanges";
import { withKeys } from "../enrollment/enrollmentRecord";
import { findEnrollments } from "../enrollment/enrollmentSearch";
import type { AzureGateway, Like } from "../resource/azureGateway";
import type { Props } from "../resource/handler";
import type { Standing } from "./currentState";
import { entryOuts, isSameEntry, readEntry } from "./listEntry";

type Gateway = Pick<AzureGateway, "now" | "enrollmentList" | "individualEnrollment">;

const keyOf = (id: string): string => nameKey("registrationId", id);

/** What the service refuses because it has such an enrollment: it may be of a call of ours that was sent again. */
export const EXISTS = "409201";

/** What was asked for, and when: the moments before the call and after it, ISO 8601, by the clock here. */
interface Note {
  readonly entry: Props;
  readonly from: string;
  readonly until: string;
}

/** By how much the clock here and the service's may differ, in milliseconds; Entra's tokens allow for as much. */
const SKEW_MS = 300_000;

/** Whether an error leaves open what was done. What Azure refuses is not done. */
const isOpen = (error: unknown): boolean => !(error instanceof AzureError) || error.status >= 500;

const isWithin = ({ from, until }: Note, { createdDateTimeUtc = "" }: IndividualEnrollmentBody): boolean => {
  const created = Date.parse(createdDateTimeUtc);
  return created >= Date.parse(from) - SKEW_MS && created <= Date.parse(until) + SKEW_MS;
};

/** The creations of a list that are on their way, or were when a run ended. */
export class Begun {
  readonly #gateway: Gateway;
  readonly #all = new Map<string, Note & { readonly id: string }>();

  /** `olds` are the outputs that tell of earlier ones. */
  constructor(gateway: Gateway, olds: Props) {
    this.#gateway = gateway;
    for (const [id, note] of Object.entries((olds.begun ?? {}) as Readonly<Record<string, Note>>))
      this.#all.set(keyOf(id), { ...note, id });
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Registration IDs. */
  ids(): readonly string[] {
    return [...this.#all.values()].map(({ id }) => id);
  }

  /**
   * The client, noting creations whose call fails with no saying what it did. What exists already is noted, too, until it is
   * {@link ended}: it may be of the same call, sent again.
   */
  noting(client: Like<EnrollmentListClient>, entryOf: (id: string) => Props): Like<EnrollmentListClient> {
    const now = () => this.#gateway.now().toISOString();
    return {
      page: (size, continuation) => client.page(size, continuation),
      run: async (mode, enrollments) => {
        const from = now();
        const note = ({ registrationId: id }: { readonly registrationId: string }): void => {
          this.#all.set(keyOf(id), { id, entry: entryOuts(entryOf(id)), from, until: now() });
        };
        try {
          const refused = await client.run(mode, enrollments);
          refused.filter(({ code }) => code === EXISTS).forEach(note);
          return refused;
        } catch (error) {
          if (isOpen(error)) enrollments.forEach(note);
          throw error;
        }
      },
    };
  }

  /** Strikes one out: what became of it is known. */
  ended(id: string): void {
    this.#all.delete(keyOf(id));
  }

  /**
   * Looks what became of each. Ours is what says exactly what was asked for and was created at that time: it joins what
   * stands. Anything else under the registration ID is somebody else's.
   */
  async settle(service: string, standing: Standing): Promise<void> {
    const notes = [...this.#all.values()];
    const found = await findEnrollments(
      this.#gateway,
      service,
      notes.map(({ id }) => id),
    );
    await eachOf(notes, async (note) => {
      const { id, entry } = note;
      const plain = found.get(keyOf(id));
      if (plain && isWithin(note, plain)) {
        const body = await withKeys(this.#gateway.individualEnrollment(service, id), plain);
        if (isSameEntry(readEntry(id, entry, body), entry)) standing.set(id, entry, undefined);
      }
      this.ended(id);
    });
  }

  /** For the state; nothing where all is known. Has the entries whole, with their keys. */
  outs(): Readonly<Record<string, unknown>> {
    const notes = [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.isEmpty ? {} : { begun: Object.fromEntries(notes.map(({ id, ...note }) => [id, note])) };
  }
}
