import { dateOf, secondsOf, unixSeconds } from "../../kernel/clock";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { missedMoments, PolicyFollower } from "../objects/policyFollower";
import { type CertificateDependencies, policyOf } from "./certificateDefinition";
import { renewalDue } from "./lifetimeActions";
import { lifetimeOf } from "./policyCertificate";
import { addVersion, generateKey, keyFor, prepareVersion } from "./selfSigned";

/** Renews self-signed certificates by their policies ("Renew your Azure Key Vault certificates"). */
export class Renewal {
  readonly #follower: PolicyFollower;

  constructor(private readonly deps: CertificateDependencies) {
    const policy = { due: (latest: ObjectVersion) => this.#due(latest), addDue: this.#addDue.bind(this) };
    this.#follower = new PolicyFollower(policy, deps.clock);
  }

  /** Adds the versions of a certificate that are due by its policy, if the issuer is `Self`. */
  async follow(key: ObjectKey): Promise<void> {
    const latest = this.deps.objects.find(key);
    if (latest) await this.#follower.follow(latest);
  }

  #isPending({ vault, name }: ObjectKey): boolean {
    return this.deps.pending.find(vault, name)?.status === "inProgress";
  }

  #due(latest: ObjectVersion) {
    const { nbf, exp } = latest.attributes;
    const policy = policyOf(latest, this.deps);
    if (policy?.issuer.name !== "Self" || nbf === undefined || exp === undefined) return undefined;
    return { at: renewalDue(policy.lifetime_actions, nbf, exp), set: policy.attributes.updated };
  }

  async #addDue(latest: ObjectVersion, earliest: number): Promise<void> {
    const { objects, clock, database } = this.deps;
    const policy = policyOf(latest, this.deps);
    if (policy === undefined || this.#isPending(latest)) return;
    const next = (made: number): number | undefined => {
      const [from, to] = lifetimeOf(policy.x509_props, dateOf(made));
      return renewalDue(policy.lifetime_actions, secondsOf(from), secondsOf(to));
    };
    const moments = missedMoments(earliest, next, unixSeconds(clock));
    const first = await keyFor(latest, policy, this.deps);
    const [, ...others] = moments;
    const rest = await Promise.all(others.map(() => (policy.key_props.reuse_key ? first : generateKey(policy))));
    const made = await Promise.all(
      [first, ...rest].map((material, index) => {
        const at = dateOf(moments[index] ?? unixSeconds(clock));
        return prepareVersion(latest, { policy, attributes: {}, tags: latest.tags, material, at }, this.deps.ids);
      }),
    );
    // Another request may have changed the certificate during key generation: keep its result.
    const isSame = JSON.stringify(policyOf(latest, this.deps)) === JSON.stringify(policy);
    if (!isSame || objects.find(latest)?.version !== latest.version || this.#isPending(latest)) return;
    database.transaction(() => {
      for (const version of made) addVersion(latest, version, this.deps);
    });
  }
}
