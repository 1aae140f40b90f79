import type { Site, SmokePaths } from '../../domain/deploy/plan.ts';

export const pathNames = ['auth', 'payments', 'core'] as const;
export type CriticalUrl = { path: (typeof pathNames)[number]; host: string; url: string };

/**
 * Returns the URL of every critical path on every site. Leaves out a path that is set to "n/a:
 * reason".
 */
export const criticalUrls = (sites: readonly Site[], smoke: SmokePaths): CriticalUrl[] =>
  pathNames
    .filter((path) => !smoke[path].startsWith('n/a:'))
    .flatMap((path) =>
      sites.map(({ name, url }) => ({ path, host: name, url: at(url, smoke[path]) })),
    );

/**
 * Joins the origin of the site and the path. A path such as "//other.example" cannot lead to
 * another origin.
 */
function at(url: string, path: string): string {
  const { origin } = new URL(url);
  return `${origin}${path}`;
}
