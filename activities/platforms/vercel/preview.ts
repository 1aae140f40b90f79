import type { Activities } from '../../../domain/contract/activities.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import { askPaths, failedOf, failedText, otherVersion } from '../../lib/health.ts';
import type { ProbeResult } from '../../lib/probe.ts';
import type { Vercel } from './api/client.ts';
import { nameOf, short, variableOf } from './place.ts';

type Step = Parameters<Activities['smokeDeployment']>[0];
type Asking = { vercel: Vercel; headers: Record<string, string> };

/**
 * Checks a deployment at its own address before a promote. A login page does not count as healthy.
 * Returns the number of paths that were asked.
 */
export async function smokeDeployment({ vercel, headers }: Asking, step: Step) {
  const { target, id, smoke, timing } = step;
  const deployment = await vercel.deployment({ project: target.project, id });
  if (!deployment) throw unfit(step, [`the deployment ${id} does not exist any more`]);
  const { origin } = deployment;
  const { health, version } = target;
  const answers = await askPaths({ origin, headers, health, name: id }, { smoke, ...timing });
  if (answers.every(({ result }) => isWall(result))) throw loginPage(target, origin);
  const problems = failedOf(answers).map(failedText);
  problems.push(...(await otherVersion({ version, origin, headers }, step.deploy.sha)));
  if (problems.length > 0) throw unfit(step, problems);
  return { asked: answers.length };
}

/**
 * Tells whether Vercel's protection answered instead of the deployment. The protection answers with
 * a login page or with a redirect to the login page.
 */
export const isWall = ({ ok, status }: Pick<ProbeResult, 'ok' | 'status'>) =>
  !ok && status !== null && (status === 401 || (status >= 300 && status < 400));

const unfit = ({ target, deploy }: Step, problems: string[]) =>
  final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${short(deploy.sha)} is not healthy at its own address, so it was not promoted:\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      'The release is not live. Fix the problem and deploy the new commit.',
  );

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
