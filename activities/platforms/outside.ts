import { cancellation } from '../git/pulse.ts';
import { createSafeFetch } from '../safe-fetch.ts';

/** How an address answered, as the outside world sees it; `status` null = no answer, and `why`. */
export type Answer = { path: string; status: number | null; body: string; why: string };
/** `version` null = none is configured. */
export type Outside = { health: Answer; version: Answer | null };
type Asked = { url: string; health: string; version: string | null };

const boundMs = 5000;

/** Health and version of a site. Throws only the reason of a cancel. */
export async function lookOutside({ url, health, version }: Asked): Promise<Outside> {
  const ask = createSafeFetch({ configured: [url] });
  const at = async (path: string): Promise<Answer> => {
    const options = { timeoutMs: boundMs, signal: cancellation(), leaveOrigin: false };
    const answer = await ask(`${new URL(url).origin}${path}`, options);
    return answer.answered
      ? { path, status: answer.status, body: answer.body, why: `answered ${answer.status}` }
      : { path, status: null, body: '', why: `did not answer (${answer.why})` };
  };
  const [first, second] = await Promise.all([at(health), version === null ? null : at(version)]);
  return { health: first, version: second };
}

const ok = ({ status }: Answer) => status !== null && status >= 200 && status < 300;

/**
 * What the outside has against `sha` being served healthy. `strict` false: an older release may not know today's
 * version path, but may not name another commit.
 */
export function outsideProblems({ health, version }: Outside, sha: string, strict: boolean) {
  const against = ok(health) ? [] : [`outside, ${health.path} ${health.why}; 2xx is healthy`];
  if (version === null || (ok(version) && version.body.includes(sha))) return against;
  if (!ok(version))
    return strict ? [...against, `outside, ${version.path} ${version.why}`] : against;
  const other = /\b[0-9a-f]{40}\b/.exec(version.body)?.[0];
  if (other === undefined && !strict) return against;
  const named = other ? `names ${other.slice(0, 7)}` : 'does not name this release';
  return [...against, `outside, ${version.path} ${named}`];
}
