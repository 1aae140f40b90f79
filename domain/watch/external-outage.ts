import type { DependencyReport, PathReport, PreviousReleaseReport } from '../deploy/plan.ts';

const down = (reports: readonly DependencyReport[]) => reports.filter(({ ok }) => !ok);
const words = ({ url, detail }: DependencyReport) => `${url} (${detail})`;

/**
 * Returns the reason why an outage is external; null: the outage is not external. An outage is
 * external if a declared dependency went down after the plan was made. In this case, the previous
 * release would fail as well.
 */
export function outageElsewhere(
  now: readonly DependencyReport[],
  before: readonly DependencyReport[],
): string | null {
  const known = new Set(down(before).map(({ url }) => url));
  const fresh = down(now).filter(({ url }) => !known.has(url));
  if (fresh.length === 0) return null;
  return (
    `a declared dependency is down: ${fresh.map(words).join(', ')}. The previous release needs ` +
    'it as well, so a rollback would not help'
  );
}

/**
 * Returns true if a path is down. A status below 500 is no outage. Examples are a login page and a
 * missing path.
 */
const isBroken = ({ ok, status }: PathReport) => !ok && (status === null || status >= 500);

/**
 * Returns the reason why an outage is external; null: the outage is not external. An outage is
 * external if every failing path also fails at the address of the previous release.
 */
export function previousReleaseFailsToo(reports: readonly PreviousReleaseReport[]): string | null {
  const failing = reports.filter(({ now }) => !now.ok);
  const alike = failing.every(({ now, before }) => isBroken(now) && isBroken(before));
  if (failing.length === 0 || !alike) return null;
  return (
    'the previous release fails in the same way at its own address: ' +
    `${failing.map(alikeWords).join(', ')}. ` +
    'This release did not cause the outage, so a rollback would not help'
  );
}

const alikeWords = ({ path, before }: PreviousReleaseReport) => `${path}: ${words(before)}`;

/**
 * Returns warnings for the plan about dependencies that are down before the deploy changes
 * anything.
 */
export const downBefore = (reports: readonly DependencyReport[]): string[] =>
  down(reports).map(
    (report) =>
      `the declared dependency ${words(report)} is already down, so it cannot explain an outage ` +
      'of this release',
  );
