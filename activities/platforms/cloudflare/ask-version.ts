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
export async function otherVersion(
  { target: { version }, origin, headers = {} }: Question,
  sha: string,
): Promise<string[]> {
  if (version === null) return [];
  const url = new URL(version, origin).href;
  const answer = await createSafeFetch({ configured: [url] })(url, { leaveOrigin: false, headers });
  const good = answer.answered && answer.status >= 200 && answer.status < 300;
  if (good && answer.body.includes(sha)) return [];
  const what = answer.answered ? `answered ${answer.status}` : answer.why;
  return [`version: ${url}: ${good ? `does not name ${short(sha)}` : what}`];
}
