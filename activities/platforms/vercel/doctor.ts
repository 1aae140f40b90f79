import { UserError } from '../../../domain/lib/user-error.ts';
import { rightsThat, whoMayDeploy } from '../../../domain/platforms/vercel/rights.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { absent, check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import type { Vercel } from './api/client.ts';
import { guards } from './guards.ts';
import { bypassOf, nameOf, variableOf, vercelOf } from './place.ts';
import { resolveVercel } from './target.ts';
import { candidatesOf } from './snapshot.ts';

type At = { target: VercelTarget; github: string | null; vercel: Vercel; deps: DoctorDeps };

/**
 * Checks each project: the token, all problems that would close the platform gate, every read of a
 * deploy, the rights of the token, and the metrics. Changes nothing.
 */
export const doctor = (
  places: readonly PlaceOn<'vercel'>[],
  deps: DoctorDeps,
): Promise<Finding>[] =>
  places.flatMap(({ project, environment }) => {
    const target = resolveVercel({ project, environment });
    const { token, bypass } = target;
    const name = nameOf(target);
    const missing = [token, ...(bypass ? [bypass] : [])].find((ref) => !deps.isSet(ref));
    if (missing) return [Promise.resolve(unchecked(name, variableOf(missing)))];
    const at = {
      target,
      github: project.github ?? null,
      vercel: vercelOf(deps.secret)(target),
      deps,
    };
    return [
      check(name, () => gate(at)),
      check(`${name}: reads`, () => reads(at)),
      check(`${name}: rights`, () => rights(at)),
      metrics(at),
    ];
  });

async function gate({ target, github, vercel, deps }: At): Promise<string> {
  const asking = { vercel, headers: bypassOf(deps.secret)(target) };
  const against = await guards(asking, { target, github, rollbackTarget: null });
  if (against.length > 0) throw new UserError(against.join('\n'));
  const variable = variableOf(target.token);
  return `the token in ${variable} can read the project; no push goes live automatically`;
}

/** Makes the reads of a deploy, one by one. Skips the reads that `gate` makes. */
async function reads({ target, vercel }: At): Promise<string> {
  const project = await vercel.project(target.project);
  const where = { project: target.project, projectId: project.id };
  await vercel.deployments({ ...where, target: 'production', newest: true });
  await candidatesOf(vercel, target, project);
  for (const job of ['promote', 'rollback'] as const)
    await vercel.aliasMoves({ ...where, of: job });
  await vercel.variables(project.name);
  const shared = await vercel.sharedVariables(project);
  return (
    'the token can read the deployments, the domains of a promote, and the names of the variables' +
    ('refused' in shared ? '' : ', also of the shared ones')
  );
}

async function rights({ target, vercel }: At): Promise<string> {
  const found = (await vercel.project(target.project)).rights;
  const lacks = rightsThat(found, false);
  const variable = variableOf(target.token);
  if (lacks.length > 0)
    throw new UserError(
      `The token in ${variable} may not ${lacks.join(', or ')}.\n` +
        `Make a token of ${whoMayDeploy}, set ${variable} where the worker is started, and start the worker again.`,
    );
  const has = rightsThat(found, true);
  const hidden = rightsThat(found, null);
  return [
    ...(has.length > 0 ? [`the token may ${has.join(', ')}`] : []),
    ...(hidden.length > 0
      ? [
          `Vercel does not show whether the token may ${hidden.join(', ')}: unknown until the first deploy`,
        ]
      : []),
  ].join('; ');
}

const hourMs = 3_600_000;
const without =
  'Without them the watch counts the errors of the runtime log and cannot compare them.';

/** Checks the access to the request counts. The baseline and the watch need these counts. */
async function metrics({ target, vercel }: At): Promise<Finding> {
  const name = `${nameOf(target)}: metrics`;
  const variable = variableOf(target.token);
  let reason: string | null = null;
  const finding = await check(name, async () => {
    const { id: projectId, account } = await vercel.project(target.project);
    const [from, to] = [new Date(Date.now() - hourMs), new Date()];
    const answer = await vercel.metrics({ project: target.project, projectId, account, from, to });
    if (!('refused' in answer)) return 'the requests to production can be counted';
    const { refused } = answer;
    if (refused === 402 || refused === 404) {
      reason = answer.reason;
      return '';
    }
    throw new UserError(
      refused === 403
        ? `The token in ${variable} may not read the metrics of ${target.project} (403). ` +
            `Vercel's reason: ${answer.reason}. ${without}\n` +
            'Make a token of a member who may see Observability in the dashboard of the project.'
        : `Vercel refused to show the requests of ${target.project} (${refused}). ` +
            `Vercel's reason: ${answer.reason}. ${without}\n` +
            'A deploy works without them. If you need them, report this answer to the authors of Plimsoll.',
    );
  });
  return reason === null
    ? finding
    : absent(name, `Vercel does not give request counts (${reason}). ${without}`);
}
