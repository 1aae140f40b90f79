import type { Activities } from '../../../domain/activities.ts';
import type { VercelTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import { confirmedProbe } from '../../probe.ts';
import type { ProbeResult } from '../../probe.ts';
import { createSafeFetch } from '../../safe-fetch.ts';
import { criticalUrls } from '../../smoke.ts';
import type { Vercel } from './client.ts';
import { nameOf, short, variableOf } from './place.ts';

type Step = Parameters<Activities['smokeDeployment']>[0];
type Asking = { vercel: Vercel; headers: Record<string, string> };

/** Asked at its own, immutable address. A login page is not health. */
export async function smokeDeployment({ vercel, headers }: Asking, step: Step) {
  const { target, id, smoke, timing } = step;
  const deployment = await vercel.deployment({ project: target.project, id });
  if (!deployment) throw unfit(step, [`the deployment ${id} is not there any more`]);
  const { origin } = deployment;
  const { confirmMs } = timing;
  const critical = criticalUrls([{ name: id, url: origin }], smoke);
  const asked = [{ path: 'health', url: new URL(target.health, origin).href }, ...critical];
  const results = await Promise.all(
    asked.map(async (one) => ({
      ...one,
      result: await confirmedProbe(one.url, { confirmMs, headers }),
    })),
  );
  if (results.every(({ result }) => isWall(result))) throw loginPage(target, origin);
  const failed = results.filter(({ result }) => !result.ok);
  const problems = failed.map(({ path, url, result }) => `${path}: ${url}: ${result.detail}`);
  problems.push(...(await otherVersion({ target, origin, headers, sha: step.deploy.sha })));
  if (problems.length > 0) throw unfit(step, problems);
  return { asked: asked.length };
}

/** Vercel's protection: a page that asks who you are, or the way to one. */
export const isWall = ({ ok, status }: Pick<ProbeResult, 'ok' | 'status'>) =>
  !ok && status !== null && (status === 401 || (status >= 300 && status < 400));

type Version = {
  target: VercelTarget;
  origin: string;
  headers: Record<string, string>;
  sha: string;
};

/** Empty: the commit stands there, or nothing says where to look. */
export async function otherVersion({ target: { version }, origin, headers, sha }: Version) {
  if (version === null) return [];
  const url = new URL(version, origin).href;
  const answer = await createSafeFetch({ configured: [url] })(url, { leaveOrigin: false, headers });
  const good = answer.answered && answer.status >= 200 && answer.status < 300;
  if (good && answer.body.includes(sha)) return [];
  const what = answer.answered ? `answered ${answer.status}` : answer.why;
  return [`version: ${url}: ${good ? `does not name ${short(sha)}` : what}`];
}

const unfit = ({ target, deploy }: Step, problems: string[]) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${short(deploy.sha)} is not healthy at its own address, so it was not promoted:\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      'Nothing of it is live. Mend it and deploy the new commit.',
  );

const settings = 'Settings → Deployment Protection → Protection Bypass for Automation';

const loginPage = (target: VercelTarget, origin: string) =>
  final(failures.misconfigured, wallText(target, origin));

export const wallText = (target: VercelTarget, origin: string) =>
  target.bypass === null
    ? `${nameOf(target)}: ${origin} shows Vercel's login, so nothing can be tried before it is promoted.\n` +
      `Make a secret (${settings}), set it where the worker is started, and name it: bypass: env:VERCEL_BYPASS`
    : `${nameOf(target)}: ${origin} shows Vercel's login: the secret in ${variableOf(target.bypass)} is not accepted, ` +
      `it was revoked or is another project's.\nMake a new one (${settings}), set ` +
      `${variableOf(target.bypass)} where the worker is started and start it again.`;
