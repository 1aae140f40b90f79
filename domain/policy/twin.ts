import type { DependencyReport, TwinAnswer, TwinReport } from '../plan.ts';

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

/** Not a refusal: an address that asks for a login, or has no such path, says nothing of an outage. */
const isBroken = ({ ok, status }: TwinAnswer) => !ok && (status === null || status >= 500);

/** Every path that fails now fails the same way where the release before is still served: why, or null. */
export function failsAlike(reports: readonly TwinReport[]): string | null {
  const failing = reports.filter(({ now }) => !now.ok);
  const alike = failing.every(({ now, before }) => isBroken(now) && isBroken(before));
  if (failing.length === 0 || !alike) return null;
  return (
    `the release before fails alike at its own address: ${failing.map(alikeWords).join(', ')}. ` +
    'This outage is not of this release, so going back would not help'
  );
}

const alikeWords = ({ path, before }: TwinReport) => `${path}: ${words(before)}`;

/** For the plan: what is down before anything was changed. */
export const downBefore = (reports: readonly DependencyReport[]): string[] =>
  down(reports).map(
    (report) =>
      `the declared dependency ${words(report)} is down already: while it is, it excuses no outage of this release`,
  );
