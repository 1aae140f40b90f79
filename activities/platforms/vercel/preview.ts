import type { Activities } from '../../../domain/contract/activities.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import { askPaths, failedOf, failedText, otherVersion } from '../../lib/health.ts';
import type { ProbeResult } from '../../lib/probe.ts';
import { createSafeFetch } from '../../lib/safe-fetch/safe-fetch.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import type { Vercel } from './api/client.ts';
import { nameOf, short, variableOf } from './place.ts';

type Step = Parameters<Activities['smokeDeployment']>[0];
type Asking = { vercel: Vercel; headers: Record<string, string> };

/**
 * Checks a deployment at its own address before a promotion. A login page does not count as
 * healthy. Returns the number of requested paths.
 */
export async function smokeDeployment({ vercel, headers }: Asking, step: Step) {
  const { target, id, smoke, timing } = step;
  const deployment = await vercel.deployment({ project: target.project, id });
  if (!deployment) throw unfit(step, [`the deployment ${id} does not exist any more`]);
  const { origin } = deployment;
  const { health, version } = target;
  const answers = await askPaths(
    { origin, headers, access: target, health, name: id },
    { smoke, ...timing },
  );
  const barred = answers.every(({ result }) => isBarred(result));
  if (barred && (await asksForLogin({ url: new URL(health, origin).href, headers })))
    throw loginPage(target, origin);
  const problems = failedOf(answers).map(failedText);
  problems.push(
    ...(await otherVersion({ version, origin, headers, access: target }, step.deploy.sha)),
  );
  if (problems.length > 0) {
    const away = answers.some(({ result }) => isRedirect(result));
    throw unfit(step, problems, away ? answerYourself(origin) : fixIt);
  }
  return { asked: answers.length };
}

type Answered = Pick<ProbeResult, 'ok' | 'status'>;
const isRedirect = ({ ok, status }: Answered) =>
  !ok && status !== null && status >= 300 && status < 400;

/** True if the answer may come from Vercel's protection instead of the deployment. */
const isBarred = (result: Answered) => isRedirect(result) || result.status === 401;

/**
 * True if Vercel's protection answers at the address. The protection redirects to
 * vercel.com/sso-api, or answers 401 with a page that leads there. Any other redirect or 401 comes
 * from the release.
 */
export async function asksForLogin({ url, headers }: { url: string; headers: ProbeHeaders }) {
  const signal = cancellation();
  const fetch = createSafeFetch({ configured: [url] });
  const answer = await fetch(url, { leaveOrigin: false, headers, signal });
  if (!answer.answered) return isVercelLogin(answer.leadsTo);
  return answer.status === 401 && loginMarks.some((mark) => answer.body.includes(mark));
}

type ProbeHeaders = Record<string, string>;
const loginMarks = ['<title>Authentication Required</title>', 'vercel.com/sso-api'];

function isVercelLogin(address: string | undefined): boolean {
  const { protocol, host, pathname } = new URL(address ?? 'about:blank');
  return (
    protocol === 'https:' &&
    host === 'vercel.com' &&
    ['/sso-api', '/login'].some((path) => pathname === path || pathname.startsWith(`${path}/`))
  );
}

const unfit = ({ target, deploy }: Step, problems: string[], remedy = fixIt) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${short(deploy.sha)} is not healthy at its own address, so it was not promoted:\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      `The release is not live. ${remedy}`,
  );

const fixIt = 'Fix the problem and deploy the new commit.';

const answerYourself = (origin: string) =>
  `The release sends requests for ${origin} to another site, so Plimsoll cannot test it there. ` +
  'Let the release answer at its own address (a host that ends with .vercel.app) without a redirect, ' +
  'and deploy the new commit.';

const settings = 'Settings → Deployment Protection → Protection Bypass for Automation';

const loginPage = (target: VercelTarget, origin: string) =>
  final(failures.misconfigured, wallText(target, origin));

export const wallText = (target: VercelTarget, origin: string) =>
  target.bypass === null
    ? `${nameOf(target)}: ${origin} shows Vercel's login, so Plimsoll cannot test a deployment before it is promoted.\n` +
      `Make a secret (${settings}), set VERCEL_BYPASS to that secret where the worker is started, ` +
      'and write in plimsoll.yaml: bypass: env:VERCEL_BYPASS'
    : `${nameOf(target)}: ${origin} shows Vercel's login, because Vercel does not accept the secret in ` +
      `${variableOf(target.bypass)}. The secret was revoked, or it belongs to another project.\n` +
      `Make a new secret (${settings}), set ` +
      `${variableOf(target.bypass)} where the worker is started, and start the worker again.`;
