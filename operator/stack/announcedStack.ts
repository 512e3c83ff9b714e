import type { OperatorStack } from "./operatorStack";

/** What takes some seconds: Pulumi reads the stack, or works on it. */
type Announcement = "Reading" | "Previewing" | "Updating";

/** A stack that announces each kind of work once, before the first of it: a run of the Pulumi CLI shows nothing for seconds. */
export function announcedStack(stack: OperatorStack, announce: (text: string) => Promise<void>): OperatorStack {
  const announced = new Map<Announcement, Promise<void>>();
  const after =
    <A extends unknown[], R>(kind: Announcement, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const shown = announced.get(kind) ?? announce(`${kind} the stack ${stack.name} …`);
      announced.set(kind, shown);
      await shown;
      return work.apply(stack, args);
    };
  return {
    name: stack.name,
    resources: after("Reading", stack.resources),
    secret: after("Reading", stack.secret),
    configuration: after("Reading", stack.configuration),
    // Follows a reading, and an update follows it.
    configure: (values) => stack.configure(values),
    update: after("Updating", stack.update),
    preview: after("Previewing", stack.preview),
    history: after("Reading", stack.history),
  };
}
