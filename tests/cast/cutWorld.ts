import { PartialError } from "../../providers/handlers/handler";
import type { World } from "../../providers/handlers/world";

/** How a call is cut: it never reaches Azure, or Azure does it and the answer is lost. */
export type Cut = "before" | "after";

/** What a run ends with whose call was cut. */
export class CutError extends Error {
  override readonly name = "CutError";
}

/** What has no way to Azure in it. */
const OWN = new Set<string | symbol>(["now", "tell", "pause"]);

/** A world whose call number `at`, from 0, is cut. `calls` counts those that were begun. */
export function cutWorld(world: World, at: number, how: Cut): { readonly world: World; readonly calls: () => number } {
  let begun = 0;
  const cutting = (method: (...given: unknown[]) => Promise<unknown>) =>
    async function (this: unknown, ...given: unknown[]): Promise<unknown> {
      const isCut = begun === at;
      begun += 1;
      if (isCut && how === "before") throw new CutError("cut");
      const answer = await method.apply(this, given);
      if (isCut) throw new CutError("cut");
      return answer;
    };
  const cutClient = (client: object): object =>
    new Proxy(client, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? cutting(member.bind(target)) : member;
      },
    });
  const cut = new Proxy(world, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (OWN.has(name) || typeof member !== "function") return member;
      if (name !== "asDevice") return (...given: unknown[]) => cutClient(member.apply(target, given));
      return (credentials: unknown, work: (device: unknown) => unknown) =>
        member.apply(target, [credentials, (device: object) => work(cutClient(device))]);
    },
  });
  return { world: cut, calls: () => begun };
}

/** A resource's state as the engine keeps it. */
export interface Kept {
  readonly id: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** What the engine keeps of a run: what it gave, what it says that stands, or, where it was killed, what was there before. */
export async function keptOf(
  run: Promise<Kept>,
  before: Kept | undefined,
  isKilled: boolean,
): Promise<{ readonly state: Kept | undefined; readonly isCut: boolean }> {
  try {
    return { state: await run, isCut: false };
  } catch (error) {
    const isPartial = error instanceof PartialError;
    const cause = isPartial ? error.cause : error;
    if (!(cause instanceof CutError)) throw error;
    const told = isPartial && !isKilled ? { id: before?.id ?? error.id, props: error.properties } : before;
    return { state: told, isCut: true };
  }
}
