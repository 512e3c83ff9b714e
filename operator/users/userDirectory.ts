import { OperatorError } from "../operatorError";
import type { OperatorStore } from "../store/operatorStore";
import type { OperatorUser } from "./operatorUser";

/** The one document of all users: a change that depends on the others, such as the last administrator's, is one write. */
const DOCUMENT = "users/directory";

/** Times that a change is tried again after another instance's. */
const TRIES = 10;

/** All users by name. */
export type Users = Readonly<Record<string, OperatorUser>>;

/** The users of the operator endpoint, in the store that its instances share. */
export class UserDirectory {
  constructor(private readonly store: OperatorStore) {}

  /** All users by name. */
  async users(): Promise<Users> {
    return usersOf((await this.store.read(DOCUMENT))?.value);
  }

  /** A user; undefined where there is none of that name, in any letter case. */
  async user(name: string): Promise<OperatorUser | undefined> {
    const users = await this.users();
    const lower = name.toLowerCase();
    return Object.hasOwn(users, lower) ? users[lower] : undefined;
  }

  /**
   * Changes the users. `change` may run again, where another instance made a change first. Errors: those of `change`;
   * OperatorError LastAdministrator where no administrator would be left that can sign in.
   */
  async change(change: (users: Users) => Users): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const stored = await this.store.read(DOCUMENT);
      const before = usersOf(stored?.value);
      const after = change(before);
      if (hasAdministrator(before) && !hasAdministrator(after)) {
        const what = "The change would leave no administrator who can sign in.";
        throw new OperatorError("LastAdministrator", what, "create another administrator first: New-OperatorUser");
      }
      try {
        await this.store.write(DOCUMENT, { users: after }, stored?.etag);
        return;
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== "StoreConflict" || tries === TRIES) throw error;
      }
    }
  }
}

const usersOf = (value: Readonly<Record<string, unknown>> | undefined): Users => (value?.users ?? {}) as Users;

const hasAdministrator = (users: Users): boolean =>
  Object.values(users).some(
    ({ role, password, publicKeys }) => role === "administrator" && (password !== undefined || publicKeys.length > 0),
  );
