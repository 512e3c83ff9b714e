import { type Logger, pino } from "pino";

/** A log that keeps the stacks of internal errors alone. */
export const failureLog = (failures: string[]): Logger =>
  pino(
    { level: "error" },
    {
      write(line: string) {
        const { err } = JSON.parse(line) as { err?: { stack?: string } };
        failures.push(err?.stack?.split("\n", 5).join("\n  ") ?? line);
      },
    },
  );
