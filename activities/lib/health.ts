import type { ProbeAccess } from '../../domain/lib/probe-access.ts';
import { accessTo } from './access.ts';
import { criticalUrls } from './critical-urls.ts';
import type { SmokePaths } from '../../domain/deploy/watch-types.ts';
import { confirmedProbe } from './probe.ts';
import type { ProbeResult } from './probe.ts';
import { createSafeFetch } from './safe-fetch/safe-fetch.ts';
import { cancellation } from './temporal-context.ts';

type Headers = Record<string, string>;
/**
 * The receiver of the requests. `headers` and `access` open a protected site. `headers` come from
 * the platform, and `access` comes from the settings of the environment.
 */
type At = { origin: string; headers?: Headers; access?: ProbeAccess };

export type PathAnswer = { path: string; url: string; result: ProbeResult };

const isGood = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

/** Pause in milliseconds before the second request, if the first request failed. */
const confirmMs = 500;

/** True if the health path of `url` answers 2xx. Repeats a failed request once. */
export const isHealthy = async ({ url, health, ...access }: Site) =>
  (await confirmedProbe(new URL(health, url).href, { confirmMs, ...accessTo(access) })).ok;

type Site = ProbeAccess & { url: string; health: string };

/**
 * Requests the health path and every critical path of an origin. Repeats a failed request once.
 * `name` is the site to which the origin belongs.
 */
export async function askPaths(
  { origin, headers, access = {}, health, name }: At & { health: string; name: string },
  { smoke, confirmMs: ms }: { smoke: SmokePaths; confirmMs: number },
): Promise<PathAnswer[]> {
  const way = accessTo(access, headers);
  const critical = criticalUrls([{ name, url: origin }], smoke);
  const asked = [{ path: 'health', url: new URL(health, origin).href }, ...critical];
  return await Promise.all(
    asked.map(async ({ path, url }) => ({
      path,
      url,
      result: await confirmedProbe(url, { confirmMs: ms, ...way }),
    })),
  );
}

export const failedOf = (answers: readonly PathAnswer[]) =>
  answers.filter(({ result }) => !result.ok);
export const failedText = ({ path, url, result }: PathAnswer) =>
  `${path}: ${url}: ${result.detail}`;

/** A site with its version path. null means that no version path is configured. */
type Version = At & { version: string | null };

/**
 * Returns a problem if the version path does not name the commit. Returns an empty list if the
 * version path names the commit, or if no version path is configured.
 */
export async function otherVersion(at: Version, sha: string): Promise<string[]> {
  const said = await askVersion(at);
  if (said === null || said.body?.includes(sha)) return [];
  const what = said.body === null ? said.what : `does not name ${sha.slice(0, 7)}`;
  return [`version: ${said.url}: ${what}`];
}

/**
 * Returns a problem if the version path still names the commit. Returns an empty list if the
 * version path does not name the commit, or if the status is not 2xx. Such a status proves nothing.
 */
export async function sameVersion(at: Version, sha: string): Promise<string[]> {
  const said = await askVersion(at);
  const named = said?.body?.includes(sha);
  return said && named ? [`version: ${said.url}: still names ${sha.slice(0, 7)}`] : [];
}

/**
 * Requests the version path. Returns null if no version path is configured. `body` is null if there
 * is no answer, or if the status is not 2xx. Then `what` is the reason, for people.
 */
async function askVersion({ version, origin, headers: own, access = {} }: Version) {
  if (version === null) return null;
  const url = new URL(version, origin).href;
  const { headers = {}, certificates = [] } = accessTo(access, own);
  const ask = createSafeFetch({ configured: [url], certificates });
  const answer = await ask(url, { leaveOrigin: false, headers });
  if (!answer.answered) return { url, body: null, what: answer.why };
  const body = isGood(answer.status) ? answer.body : null;
  return { url, body, what: `answered ${answer.status}` };
}

/**
 * The answer of one path to a request from outside. `status` is null if there was no answer. `why`
 * describes the result for people.
 */
type Answer = { path: string; status: number | null; body: string; why: string };
/**
 * The answers of a site to requests from outside. `version` is null if no version path is
 * configured.
 */
export type Outside = { health: Answer; version: Answer | null };
type Asked = Site & { version: string | null };

const boundMs = 5000;

/** Requests the health and version paths of a site. Throws only if the activity is cancelled. */
export async function readOutside({ url, health, version, ...access }: Asked): Promise<Outside> {
  const { headers = {}, certificates = [] } = accessTo(access);
  const ask = createSafeFetch({ configured: [url], certificates });
  const at = async (path: string): Promise<Answer> => {
    const options = { timeoutMs: boundMs, signal: cancellation(), leaveOrigin: false, headers };
    const answer = await ask(`${new URL(url).origin}${path}`, options);
    return answer.answered
      ? { path, status: answer.status, body: answer.body, why: `answered ${answer.status}` }
      : { path, status: null, body: '', why: `did not answer (${answer.why})` };
  };
  const [first, second] = await Promise.all([at(health), version === null ? null : at(version)]);
  return { health: first, version: second };
}

/**
 * Returns the problems that the requests from outside show: the site does not serve `sha`, or the
 * site is not healthy. With `strict: false`, `sha` may be an old release without a version path.
 * Then the version path is a problem only if it names another commit.
 */
export function outsideProblems({ health, version }: Outside, sha: string, strict: boolean) {
  const against = isGood(health.status)
    ? []
    : [`from outside, ${health.path} ${health.why}; 2xx is healthy`];
  if (version === null || (isGood(version.status) && version.body.includes(sha))) return against;
  if (!isGood(version.status))
    return strict ? [...against, `from outside, ${version.path} ${version.why}`] : against;
  const other = /\b[0-9a-f]{40}\b/.exec(version.body)?.[0];
  if (other === undefined && !strict) return against;
  const named = other ? `names ${other.slice(0, 7)}` : 'does not name this release';
  return [...against, `from outside, ${version.path} ${named}`];
}
