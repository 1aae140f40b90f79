type Fetch = typeof globalThis.fetch;
type Place = { owner: string; repo: string };

const isRedirect = ({ status }: Response) => [301, 302, 307, 308].includes(status);

/**
 * Wraps `fetch` for repositories that were renamed or transferred. GitHub answers 301 for the old
 * name. After a 301, `fetch` repeats a POST as a GET. So the write is lost, although the answer
 * looks like success. Therefore the wrapper reads the present name of the repository, and sends the
 * same request to the present name. If the request already has the present name, the requested
 * object moved, for example an issue. Then the wrapper returns the 301. `api` is the address of the
 * API.
 */
export function followRenames(api: string, send: Fetch): Fetch {
  const renamed = new Map<string, Place>();
  const start = `${api.replace(/\/$/, '')}/repos/`;
  const deliver = async (url: string, init: RequestInit) => {
    const answer = await send(url, { ...init, redirect: 'manual' });
    const isGet = (init.method ?? 'GET') === 'GET';
    // GitHub answers 302 for the archive of an artifact. `fetch` does not send the token to the
    // other origin.
    return answer.status === 302 && isGet
      ? await send(url, { ...init, redirect: 'follow' })
      : answer;
  };
  const placeOf = async (old: Place, init: RequestInit): Promise<Place | undefined> => {
    const { headers, signal } = init;
    const answer = await send(`${start}${old.owner}/${old.repo}`, {
      ...(headers ? { headers } : {}),
      ...(signal ? { signal } : {}),
      redirect: 'follow',
    });
    return answer.ok ? placeIn(await answer.json().catch(() => null)) : undefined;
  };
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const asked = url.startsWith(start) ? partsOf(url.slice(start.length)) : undefined;
    if (!asked) return await deliver(url, init);
    const key = `${asked.owner}/${asked.repo}`.toLowerCase();
    const at = ({ owner, repo }: Place) => `${start}${owner}/${repo}${asked.rest}`;
    const first = await deliver(at(renamed.get(key) ?? asked), init);
    if (!isRedirect(first)) return first;
    const place = await placeOf(asked, init);
    if (!place || `${place.owner}/${place.repo}`.toLowerCase() === key) return first;
    renamed.set(key, place);
    return await deliver(at(place), init);
  };
}

/** Splits "owner/repo/rest?query". `rest` begins with "/" or "?", or is empty. */
function partsOf(path: string): (Place & { rest: string }) | undefined {
  const [, owner, repo, rest = ''] = /^([^/?]+)\/([^/?]+)([/?].*)?$/.exec(path) ?? [];
  return owner && repo ? { owner, repo, rest } : undefined;
}

/** Returns the present owner and name of the repository in GitHub's answer. */
function placeIn(data: unknown): Place | undefined {
  const name = (data as { full_name?: unknown } | null)?.full_name;
  const [owner, repo] = typeof name === 'string' ? name.split('/') : [];
  return owner && repo ? { owner, repo } : undefined;
}
