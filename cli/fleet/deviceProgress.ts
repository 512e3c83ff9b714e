import type { DeviceFailed, JournalEntry } from "./fleetJournal";

/** How far a device is. */
export interface DeviceProgress {
  readonly assigned?: { readonly hub: string; readonly deviceId: string; readonly ms: number };
  /** Messages that the hub accepted. */
  readonly sent: number;
  readonly failure?: DeviceFailed;
}

const NONE: DeviceProgress = Object.freeze({ sent: 0 });

/** The progress of a device after one more entry; what is later counts. */
export function afterEntry(progress: DeviceProgress | undefined, entry: JournalEntry): DeviceProgress {
  const { assigned, sent } = progress ?? NONE;
  switch (entry.event) {
    case "registered": {
      const { hub, deviceId, ms } = entry;
      return { assigned: { hub, deviceId, ms }, sent };
    }
    case "sent":
      return { assigned, sent: entry.messages };
    case "failed":
      return { assigned, sent, failure: entry };
    default:
      return { assigned, sent };
  }
}

/** The progress of the devices of a journal, by their index. */
export function progressOf(entries: Iterable<JournalEntry>): Map<number, DeviceProgress> {
  const devices = new Map<number, DeviceProgress>();
  for (const entry of entries) {
    if (entry.event !== "started") devices.set(entry.index, afterEntry(devices.get(entry.index), entry));
  }
  return devices;
}

/** Whether a device has registered and sent its messages. */
export const isDone = ({ assigned, sent }: DeviceProgress, messages: number): boolean =>
  assigned !== undefined && sent >= messages;
