import { dateOf, secondsOf, unixSeconds } from "../../kernel/clock";
import { missedMoments } from "../objects/missedMoments";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { type CertificateDependencies, policyOf } from "./certificateDefinition";
import { renewalDue } from "./lifetimeActions";
import { lifetimeOf } from "./policyCertificate";
import { addVersion, keyFor, newKey, prepareVersion } from "./selfSigned";

/** Certificates of vaults that sign themselves: renewed when a policy says so ("Renew your Azure Key Vault certificates"). */
export class Renewal {
  readonly #parts: CertificateDependencies;
  /** When the latest version is due, seconds since 1970: kept as long as the version is the one that was read. */
  readonly #due = new WeakMap<ObjectVersion, number>();
  /** Renewals that run, by certificate: two callers at once make one. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: CertificateDependencies) {
    this.#parts = deps;
  }

  /**
   * Follows a certificate's policy: adds the versions that were due. Azure does so on its own; here nothing runs in the
   * background, so it is done when somebody next looks, and each version is dated when its time was. Who signs outside
   * renews, too: only `Self` is renewed here.
   */
  async follow(key: ObjectKey): Promise<void> {
    const { objects, clock, pending } = this.#parts;
    const latest = objects.find(key);
    if (latest === undefined || unixSeconds(clock) < this.#dueOf(latest)) return;
    if (pending.find(key.vault, key.name)?.status === "inProgress") return;
    const id = `${key.vault}/${key.name.toLowerCase()}`;
    const running = this.#running.get(id) ?? this.#renew(latest).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    await running;
  }

  #dueOf(latest: ObjectVersion): number {
    const known = this.#due.get(latest);
    if (known !== undefined) return known;
    const { created, nbf, exp } = latest.attributes;
    const policy = policyOf(latest, this.#parts);
    const due =
      policy?.issuer.name === "Self" && nbf !== undefined && exp !== undefined
        ? renewalDue(policy.lifetime_actions, nbf, exp)
        : undefined;
    // A policy cannot have acted before it was there.
    const moment =
      due === undefined ? Number.POSITIVE_INFINITY : Math.max(due, created, policy?.attributes.updated ?? 0);
    this.#due.set(latest, moment);
    return moment;
  }

  async #renew(latest: ObjectVersion): Promise<void> {
    const { objects, clock, pending, database } = this.#parts;
    const policy = policyOf(latest, this.#parts);
    if (policy === undefined) return;
    const next = (made: number): number | undefined => {
      const [from, to] = lifetimeOf(policy.x509_props, dateOf(made));
      return renewalDue(policy.lifetime_actions, secondsOf(from), secondsOf(to));
    };
    const moments = missedMoments(this.#dueOf(latest), next, unixSeconds(clock));
    const first = await keyFor(latest, policy, this.#parts);
    const [, ...others] = moments;
    const rest = await Promise.all(others.map(() => (policy.key_props.reuse_key ? first : newKey(policy))));
    const made = await Promise.all(
      [first, ...rest].map((material, index) => {
        const at = dateOf(moments[index] ?? unixSeconds(clock));
        return prepareVersion(latest, { policy, attributes: {}, tags: latest.tags, material, at }, this.#parts);
      }),
    );
    // Making keys takes a while, in which another request may have come.
    const isSame = JSON.stringify(policyOf(latest, this.#parts)) === JSON.stringify(policy);
    if (!isSame || objects.find(latest)?.version !== latest.version) return;
    if (pending.find(latest.vault, latest.name)?.status === "inProgress") return;
    database.transaction(() => {
      for (const version of made) addVersion(latest, version, this.#parts);
    });
  }
}
