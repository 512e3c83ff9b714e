import type { OperatorSession } from "../sessions/operatorSession";
import type { SessionClient, SessionRegistry } from "../sessions/sessionRegistry";
import { legible } from "./outputText";
import type { SessionConsole } from "./sessionConsole";

/** Offers a user's sessions that have lost their instance, the newest first; undefined where the user takes none. */
export async function offeredSession(
  registry: SessionRegistry,
  client: SessionClient,
  console: SessionConsole,
): Promise<OperatorSession | undefined> {
  if (!console.isTerminal) return undefined;
  for (const { id, opened, instance } of (await registry.orphaned(client)).reverse()) {
    console.show(`The session ${id} of ${opened} has lost its instance, ${instance}.\n`);
    const response = await console.ask('Go on with it? [Y] Yes  [N] No (default is "Y"): ');
    if (!/^y?$|^yes$/i.test(response.trim())) continue;
    const session = await registry.takeOver(id, client);
    console.show("You go on with the session. It is locked.\n");
    if (session.interrupted !== undefined) {
      const line = legible(String(session.interrupted.line));
      console.show(`Its last command was interrupted, and the outcome is unknown: ${line}\n`);
    }
    return session;
  }
  return undefined;
}
