import type { CloudflareTarget } from '../../../domain/plan.ts';
import type { SmokePaths } from '../../../domain/schema.ts';
import { confirmedProbe } from '../../probe.ts';
import type { ProbeResult } from '../../probe.ts';
import { createSafeFetch } from '../../safe-fetch.ts';
import { criticalUrls } from '../../smoke.ts';
import { short } from './place.ts';

type Headers = Record<string, string>;
type Question = { target: CloudflareTarget; origin: string; headers?: Headers };
export type Answer = { path: string; url: string; result: ProbeResult };

/** Health and every critical path on that origin, each failure asked twice. */
export async function askPaths(
  { target, origin, headers = {} }: Question,
  { smoke, confirmMs }: { smoke: SmokePaths; confirmMs: number },
): Promise<Answer[]> {
  const critical = criticalUrls([{ name: 'version', url: origin }], smoke);
  const asked = [{ path: 'health', url: new URL(target.health, origin).href }, ...critical];
  return await Promise.all(
    asked.map(async ({ path, url }) => ({
      path,
      url,
      result: await confirmedProbe(url, { confirmMs, headers }),
    })),
  );
}

export const failedOf = (answers: readonly Answer[]) => answers.filter(({ result }) => !result.ok);
export const toldOf = ({ path, url, result }: Answer) => `${path}: ${url}: ${result.detail}`;

/** Empty: the commit stands there, or nothing says where to look. */
export async function otherVersion(question: Question, sha: string): Promise<string[]> {
  const said = await askVersion(question);
  if (said === null || said.body?.includes(sha)) return [];
  const what = said.body === null ? said.what : `does not name ${short(sha)}`;
  return [`version: ${said.url}: ${what}`];
}

/** Empty: it does not stand there; no answer says nothing of it. */
export async function sameVersion(question: Question, sha: string): Promise<string[]> {
  const said = await askVersion(question);
  return said?.body?.includes(sha) ? [`version: ${said.url}: still names ${short(sha)}`] : [];
}

/** What the version path says; `body` null = no good answer, and `what` it was. */
async function askVersion({ target: { version }, origin, headers = {} }: Question) {
  if (version === null) return null;
  const url = new URL(version, origin).href;
  const answer = await createSafeFetch({ configured: [url] })(url, { leaveOrigin: false, headers });
  if (!answer.answered) return { url, body: null, what: answer.why };
  const good = answer.status >= 200 && answer.status < 300;
  return { url, body: good ? answer.body : null, what: `answered ${answer.status}` };
}
