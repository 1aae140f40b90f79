import type { Reply } from '../../http.ts';
import { fields, noScript, ok, onWorker, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { deploymentShape } from './shapes.ts';
import { addDeployment, versionOf } from './state.ts';
import type { Share, Version, Worker } from './state.ts';

const shown = 10;

const list = onWorker((_, worker) => {
  const answer = (count: number) => {
    const newest = worker.deployments.slice(0, count).toReversed().slice(0, shown);
    return ok({ deployments: newest.map(deploymentShape) });
  };
  return {
    read: () => answer(worker.deployments.length),
    // Under the fault `lying-status`, the list lacks the newest deployment.
    lie: () => answer(worker.deployments.length - 1),
  };
});

const isShare = (value: unknown): value is Share => {
  const { version_id, percentage } = (value ?? {}) as Partial<Share>;
  return typeof version_id === 'string' && typeof percentage === 'number' && percentage >= 0;
};

const sharesOf = ({ call }: Request): Share[] | undefined => {
  const { versions, strategy } = fields(call);
  if (strategy !== 'percentage' || !Array.isArray(versions) || !versions.every(isShare))
    return undefined;
  const total = versions.reduce((sum, { percentage }) => sum + percentage, 0);
  const right = versions.length >= 1 && versions.length <= 2 && Math.abs(total - 100) < 0.001;
  return right ? versions : undefined;
};

const changedSecrets = (worker: Worker, version: Version) =>
  worker.secrets
    .filter(({ name, revision }) => version.secrets[name] !== revision)
    .map(({ name }) => name);

function refused(request: Request, worker: Worker): Reply | undefined {
  const shares = sharesOf(request);
  if (!shares)
    return problem(400, 10029, 'Give one or two versions whose percentages add up to 100.');
  const versions = shares.map(({ version_id: id }) => versionOf(worker, id));
  if (versions.includes(undefined)) return noScript();
  const known = versions.filter((one) => one !== undefined);
  if (known.some(({ migrationTag }) => migrationTag !== worker.migrationTag))
    return problem(400, 10210, 'A version from before a Durable Object migration cannot run.');
  if (new Set(known.map(({ objects }) => objects)).size > 1)
    return problem(
      400,
      100405,
      // This text is in wrangler's own tests of `versions deploy`.
      'All versions in a multi-version deployment must declare identical `exports`. Deploy the ' +
        'version that changes `exports` at 100% first, then split traffic.',
    );
  const changed = known.flatMap((version) => changedSecrets(worker, version));
  if (changed.length === 0 || request.call.query.get('force') === 'true') return undefined;
  const names = [...new Set(changed)].join(', ');
  return problem(
    400,
    10220,
    // This text is in wrangler's own tests of the rollback.
    'A secret has changed since this version was active. If you are sure this is ok, add a ' +
      '?force=true query parameter to allow the rollback. ' +
      `The following secrets have changed: ${names}`,
  );
}

const create = onWorker((request, worker) => {
  const made = () => ({
    versions: sharesOf(request) ?? [],
    source: 'wrangler' as const,
    annotations: {
      ...(fields(request.call).annotations as Record<string, string> | undefined),
      'workers/triggered_by': 'deployment',
    },
  });
  return {
    read: () => refused(request, worker),
    act: () => ok(deploymentShape(addDeployment(request.account, worker, made()))),
    // Under the fault `lying-status`, reports success, but does not store the deployment.
    lie: () => ok(deploymentShape({ id: 'lost', createdOn: request.account.now(), ...made() })),
  };
});

export const deploymentRoutes: Route[] = [
  route('GET /workers/scripts/{name}/deployments', list),
  route('POST /workers/scripts/{name}/deployments', create),
];
