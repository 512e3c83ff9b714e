import type { BulkProgress } from "../../certs/bulk/issueMany";
import type { CertsContext } from "./certsContext";

/** Devices between two lines if a line cannot be overwritten. */
const STEP = 10_000;

const WIDTH = 24;

/** Shows the progress of bulk issuing: a bar on a terminal, occasional lines elsewhere. */
export function progressLine(
  context: CertsContext,
  total: number,
): { update(progress: BulkProgress): void; end(progress: BulkProgress): void } {
  const start = context.clock.now().getTime();
  let shown = 0;
  const line = ({ issued, skipped }: BulkProgress): string => {
    const seconds = (context.clock.now().getTime() - start) / 1000;
    const share = total === 0 ? 1 : Math.min(1, (issued + skipped) / total);
    const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, ".");
    const rate = seconds > 0 ? `, ${Math.round(issued / seconds)} a second` : "";
    return `[${bar}] ${issued + skipped} of ${total} certificates${rate}`;
  };
  return {
    update(progress) {
      if (context.live) context.log(`\r${line(progress)}\u001b[K`);
      else if (progress.issued - shown >= STEP) {
        shown = progress.issued;
        context.log(`${line(progress)}\n`);
      }
    },
    end(progress) {
      if (context.live) context.log(`\r${line(progress)}\u001b[K\n`);
    },
  };
}
