import { refusedLine } from '../../../domain/messages/door.ts';
import type { DoorCode } from '../../../domain/messages/door.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';

export type Refused = { code: DoorCode; call: string; address: string; name: string | null };
export type Refusals = {
  record(refused: Refused): void;
  /**
   * Returns the number of refused calls since the start, for each reason. Also returns the newest
   * refused calls.
   */
  known(): { counts: Partial<Record<DoorCode, number>>; last: (Refused & { at: string })[] };
  close(): void;
};

const mostKept = 100;
const logEveryMs = 60_000;

/**
 * Counts refused calls, and keeps the newest 100. Writes at most one line each minute to the log.
 * Without this limit, anybody could fill the disk with refused calls.
 */
export function createRefusals(
  warn: (line: string) => void,
  { now = Date.now, everyMs = logEveryMs } = {},
): Refusals {
  const counts = new Map<DoorCode, number>();
  const unsaid = new Map<DoorCode, number>();
  const last: (Refused & { at: string })[] = [];
  let timer: NodeJS.Timeout | undefined;
  const log = () => {
    const newest = last.at(-1);
    if (newest && unsaid.size > 0) warn(refusedLine([...unsaid], newest));
    unsaid.clear();
    timer = undefined;
  };
  return {
    record(refused) {
      const { code, call, address, name } = refused;
      counts.set(code, (counts.get(code) ?? 0) + 1);
      unsaid.set(code, (unsaid.get(code) ?? 0) + 1);
      const at = new Date(now()).toISOString();
      last.push({
        code,
        at,
        call: clean(call).slice(0, 40),
        address: clean(address).slice(0, 60),
        name: name === null ? null : clean(name).slice(0, 63),
      });
      if (last.length > mostKept) last.shift();
      timer ??= setTimeout(log, everyMs).unref();
    },
    known: () => ({ counts: Object.fromEntries(counts), last: [...last] }),
    close() {
      clearTimeout(timer);
      log();
    },
  };
}
