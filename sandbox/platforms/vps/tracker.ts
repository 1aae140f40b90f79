import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../../board.ts';
import { checkoutSha, linkSha } from './processes.ts';

type Snapshot = {
  ready: Set<string>;
  /**
   * The creation time of the log that `prepare` writes, for each release. Every run of `prepare`
   * makes a new log.
   */
  prepared: Map<string, number>;
  current: string | null;
  starts: Map<string, number>;
};

export type TrackerDeps = {
  board: Board;
  host: string;
  directory: string;
  /** Returns how often a command started each service. */
  starts: () => Map<string, number>;
};

/**
 * Counts the real changes on the host while commands run. A change between commands, for example by
 * a person, is not counted.
 */
export const createTracker = (deps: TrackerDeps) => {
  let last = snapshotOf(deps);
  let running = 0;
  return {
    begin() {
      if (running === 0) last = snapshotOf(deps);
      running += 1;
    },
    /**
     * Counts the changes since the last read. There is no await between the read and the count, so
     * that parallel commands never count one effect twice.
     */
    end() {
      running -= 1;
      const now = snapshotOf(deps);
      for (const [operation, sha] of changes(last, now)) {
        deps.board.count('vps', operation, `${deps.host} ${sha}`);
      }
      last = now;
    },
  };
};

function snapshotOf({ directory, starts }: TrackerDeps): Snapshot {
  const releases = join(directory, 'releases');
  const names = list(releases);
  const logs = names.filter((name) => /^[0-9a-f]{40}\S*\.log$/.test(name));
  const ready = names.filter((name) => /^[0-9a-f]{40}\S*\.ready$/.test(name));
  const inPlace = list(join(directory, '.git/refs/plimsoll'));
  return {
    ready: new Set([...ready.map((name) => name.replace(/\.ready$/, '')), ...inPlace]),
    prepared: new Map(logs.map((name) => [sha(name), birth(join(releases, name))])),
    current: linkSha(join(directory, 'current')) ?? checkoutSha(directory),
    starts: starts(),
  };
}

const sha = (name: string) => name.slice(0, 40);

function changes(before: Snapshot, now: Snapshot): [operation: string, sha: string][] {
  const prepared = [...now.prepared].filter(([it, at]) => before.prepared.get(it) !== at);
  const ready = [...now.ready].filter((it) => !before.ready.has(it));
  const restarts = [...now.starts].flatMap(([name, count]) =>
    Array.from({ length: count - (before.starts.get(name) ?? 0) }, () => now.current ?? 'none'),
  );
  return [
    ...prepared.map(([it]): [string, string] => ['prepare', it]),
    ...ready.map((it): [string, string] => ['stage', it]),
    ...(now.current !== null && now.current !== before.current
      ? [['switch', now.current] as [string, string]]
      : []),
    ...restarts.map((it): [string, string] => ['restart', it]),
  ];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function birth(path: string): number {
  try {
    return statSync(path).birthtimeMs;
  } catch {
    return 0;
  }
}
