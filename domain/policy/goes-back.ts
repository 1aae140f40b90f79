import type { Entry } from '../activities.ts';
import type { HostState } from '../plan.ts';

type Facts = {
  sha: string;
  live: readonly Pick<HostState, 'sha'>[];
  /** Of this place, newest first. */
  entries: readonly Pick<Entry, 'kind' | 'body'>[];
};

/** Is it what was live before the release that is live everywhere now? No freeze and no stop holds that. */
export function goesBack({ sha, live, entries }: Facts): boolean {
  const newest = entries.find(({ kind }) => kind === 'released')?.body;
  const before = newest?.['restoreTo'] as { sha?: unknown } | null | undefined;
  return (
    live.length > 0 &&
    live.every((host) => host.sha !== null && host.sha === newest?.['sha']) &&
    before?.sha === sha &&
    newest?.['sha'] !== sha
  );
}

export const goesBackNote =
  'it goes back to the release before: neither a freeze nor a stop of the line holds it';
