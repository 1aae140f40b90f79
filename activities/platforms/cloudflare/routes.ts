import { nameOf, variableOf } from './place.ts';
import type { At } from './place.ts';
import type { Route, WranglerFile } from './wrangler-file.ts';

/** The effect of a route that wrangler cannot set, as a text for people. */
const late = 'wrangler would make the version live, and then fail at the routes.';

/**
 * Returns a problem for each route whose zone the token cannot see. Throws a final failure of type
 * 'misconfigured' if Cloudflare refuses to show the zones or the routes of a zone. This function
 * makes the same reads as wrangler. So it finds no problem for a token that may read routes but not
 * edit them.
 */
export async function ofRoutes(
  { target, client }: Pick<At, 'target' | 'client'>,
  { path, routes }: Pick<WranglerFile, 'path' | 'routes'>,
): Promise<string[]> {
  const { account, token } = target;
  const problems: string[] = [];
  const seen = new Set<string>();
  const zones = new Map<string, Promise<string | null>>();
  const zoneId = (zone: string) => {
    const known = zones.get(zone) ?? client.zoneId(zone);
    zones.set(zone, known);
    return known;
  };
  for (const route of routes) {
    const host = hostOf(route);
    if (host === null) {
      problems.push(
        `${nameOf(target)}: ${path} has the route "${route.pattern}", which names no zone. ${late} ` +
          'Add "zone_name" to the route.',
      );
      continue;
    }
    const id = route.zoneId ?? (await firstOf(namesOf(host), zoneId));
    if (id === null)
      problems.push(
        `${nameOf(target)}: Cloudflare shows no zone for the route "${route.pattern}" in ${path} to the token in ` +
          `${variableOf(token)}. ${late} If the zone is in the account ${account}, add "Zone: Read" for the zone to ` +
          'the token under My Profile > API Tokens. If it is not, correct the route.',
      );
    else if (!seen.has(id)) {
      seen.add(id);
      await client.zoneRoutes(id, `the routes of the zone of "${route.pattern}" in ${path}`);
    }
  }
  return problems;
}

/**
 * Returns the host by which wrangler finds the zone. This is the name of the zone, or else the host
 * of the pattern. Returns null if there is no host.
 */
function hostOf({ pattern, zoneId, zoneName }: Route): string | null {
  if (zoneName !== null) return zoneName;
  if (zoneId !== null) return '';
  const plain = pattern.replace(/^https?:\/\//, '');
  if (plain.startsWith('*/')) return null;
  const url = `http://${plain.replaceAll(/\*\.?/g, '')}`;
  return URL.canParse(url) ? new URL(url).host : null;
}

/**
 * Returns the names that the zone of a host may have, longest first: a.example.com, example.com.
 */
function namesOf(host: string): string[] {
  const parts = host.split('.');
  return parts.slice(0, -1).map((_, at) => parts.slice(at).join('.'));
}

async function firstOf<T, R>(all: T[], find: (one: T) => Promise<R | null>): Promise<R | null> {
  for (const one of all) {
    const found = await find(one);
    if (found !== null) return found;
  }
  return null;
}
