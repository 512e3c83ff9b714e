import { dateOf, secondsOf, unixSeconds } from "../../kernel/clock";
import { missedMoments } from "../objects/missedMoments";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { type CertificateDependencies, policyOf } from "./certificateDefinition";
import { renewalDue } from "./lifetimeActions";
import { lifetimeOf } from "./policyCertificate";
import { addVersion, generateKey, keyFor, prepareVersion } from "./selfSigned";

/** Renews self-signed certificates by their policies ("Renew your Azure Key Vault certificates"). */
export class Renewal {
  readonly #deps: CertificateDependencies;
  /** When the latest version is due for renewal, in seconds since 1970. */
  readonly #due = new WeakMap<ObjectVersion, number>();
  /** Running renewals, by certificate: concurrent callers start one. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: CertificateDependencies) {
    this.#deps = deps;
  }

  /**
   * Follows a certificate's policy: adds the versions that are due, if the issuer is `Self`. Azure runs this in the
   * background; here the next access to the certificate does, and each version gets the date at which it was due.
   */
  async follow(key: ObjectKey): Promise<void> {
    const { objects, clock, pending } = this.#deps;
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
    const policy = policyOf(latest, this.#deps);
    const due =
      policy?.issuer.name === "Self" && nbf !== undefined && exp !== undefined
        ? renewalDue(policy.lifetime_actions, nbf, exp)
        : undefined;
    // A policy has no effect before it is set.
    const moment =
      due === undefined ? Number.POSITIVE_INFINITY : Math.max(due, created, policy?.attributes.updated ?? 0);
    this.#due.set(latest, moment);
    return moment;
  }

  async #renew(latest: ObjectVersion): Promise<void> {
    const { objects, clock, pending, database } = this.#deps;
    const policy = policyOf(latest, this.#deps);
    if (policy === undefined) return;
    const next = (made: number): number | undefined => {
      const [from, to] = lifetimeOf(policy.x509_props, dateOf(made));
      return renewalDue(policy.lifetime_actions, secondsOf(from), secondsOf(to));
    };
    const moments = missedMoments(this.#dueOf(latest), next, unixSeconds(clock));
    const first = await keyFor(latest, policy, this.#deps);
    const [, ...others] = moments;
    const rest = await Promise.all(others.map(() => (policy.key_props.reuse_key ? first : generateKey(policy))));
    const made = await Promise.all(
      [first, ...rest].map((material, index) => {
        const at = dateOf(moments[index] ?? unixSeconds(clock));
        return prepareVersion(latest, { policy, attributes: {}, tags: latest.tags, material, at }, this.#deps);
      }),
    );
    // Another request may have changed the certificate during key generation: keep its result.
    const isSame = JSON.stringify(policyOf(latest, this.#deps)) === JSON.stringify(policy);
    if (!isSame || objects.find(latest)?.version !== latest.version) return;
    if (pending.find(latest.vault, latest.name)?.status === "inProgress") return;
    database.transaction(() => {
      for (const version of made) addVersion(latest, version, this.#deps);
    });
  }
}
