import type { DependencyReport } from '../plan.ts';

const down = (reports: readonly DependencyReport[]) => reports.filter(({ ok }) => !ok);
const words = ({ url, detail }: DependencyReport) => `${url} (${detail})`;

/**
 * The old release would fail alike: why this outage is not ours, or null. A dependency that was down before
 * the deploy already explains nothing that is new.
 */
export function outageElsewhere(
  now: readonly DependencyReport[],
  before: readonly DependencyReport[],
): string | null {
  const known = new Set(down(before).map(({ url }) => url));
  const fresh = down(now).filter(({ url }) => !known.has(url));
  if (fresh.length === 0) return null;
  return (
    `a declared dependency is down: ${fresh.map(words).join(', ')}. The release before needs it as well, ` +
    'so going back would not help'
  );
}

/** For the plan: what is down before anything was changed. */
export const downBefore = (reports: readonly DependencyReport[]): string[] =>
  down(reports).map(
    (report) =>
      `the declared dependency ${words(report)} is down already: while it is, it excuses no outage of this release`,
  );
