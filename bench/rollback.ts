import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import type { WatchSegment } from '../domain/contract/activities.ts';
import type { Sample } from '../domain/deploy/plan.ts';
import type { FleetProject } from '../sandbox/fleet/fleet.ts';
import type { Stack } from '../sandbox/fleet/stack.ts';
import { median, ms, plain, ratio, seconds, within } from './row.ts';
import type { Row } from './row.ts';
import { readDeployRun } from './spans.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./bare-rollback.sh', import.meta.url));
const runs = 3;

type RunDeploy = (stack: Stack, project: string) => Promise<WorkflowHandle>;

/**
 * Measures the time from the sample that decides for the rollback until every host serves the
 * earlier release. Also measures the time of the same rollback by hand.
 */
export async function measureRollback(
  stack: Stack,
  project: string,
  runDeploy: RunDeploy,
): Promise<Row[]> {
  const fleetProject = stack.fleet.fleetProjects.find(
    ({ name }) => name === project,
  ) as FleetProject;
  const handle = await runDeploy(stack, project);
  await served(fleetProject, fleetProject.newSha);
  const rolledBackAt = await served(fleetProject, fleetProject.oldSha);
  await handle.result();
  const { decidedAt, failing } = await decidingSample(handle);
  const bare = await bareRollback(fleetProject);
  const took = rolledBackAt - decidedAt;
  const { activities } = await readDeployRun(handle);
  const after = activities.filter(({ to }) => to > decidedAt && to < rolledBackAt + 2000);
  const on = `${fleetProject.hosts.length} host${fleetProject.hosts.length > 1 ? 's' : ''}`;
  return [
    ...after.map(({ name, from, to }) =>
      plain(`  ${name}, from ${ms(from - decidedAt)} on`, ms(to - from)),
    ),
    plain(`rollback by hand, ${on}: link, restart, served`, seconds(bare)),
    within(`from failing sample to old release served, ${on}`, took, bare + 2000),
    plain('  as a multiple of the rollback by hand', ratio(took, bare)),
    plain('  failing samples until the decision', `${failing}`),
  ];
}

/** Resolves when every host serves the release `sha`, with the time in epoch milliseconds. */
async function served({ hosts }: FleetProject, sha: string): Promise<number> {
  const ends = hosts.map(async ({ url }) => {
    for (;;) {
      const body = await fetch(`${url}/version`).then(
        (answer) => answer.text(),
        () => '',
      );
      if (body.includes(sha)) return Date.now();
      await sleep(20);
    }
  });
  return Math.max(...(await Promise.all(ends)));
}

async function decidingSample(handle: WorkflowHandle) {
  const events = (await handle.fetchHistory()).events ?? [];
  const decoded = (data: Uint8Array | null | undefined) =>
    JSON.parse(Buffer.from(data ?? []).toString()) as unknown;
  const last = events.findLast(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'takeSamples',
  );
  const ended = events.find(
    (event) =>
      `${event.activityTaskCompletedEventAttributes?.scheduledEventId}` === `${last?.eventId}`,
  );
  const input = decoded(last?.activityTaskScheduledEventAttributes?.input?.payloads?.[0]?.data);
  const result = decoded(ended?.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data);
  const samples = result as Sample[];
  const failing = samples.filter(({ probe }) => probe === 1).length;
  const { startedAt } = input as WatchSegment;
  return { decidedAt: startedAt + (samples.at(-1)?.at ?? 0), failing };
}

/**
 * Measures a rollback by hand, one host after the other. Returns the median in milliseconds. Every
 * second run switches to the new release. These runs count too, because both switches are the same
 * work.
 */
async function bareRollback({ hosts, oldSha, newSha }: FleetProject): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 2 * runs; index += 1) {
    const from = performance.now();
    for (const host of hosts) {
      const user = host.address.split(':')[0] ?? '';
      const where = [user, String(host.sshPort), host.clientKeyPath, host.directory, host.unit];
      const sha = index % 2 === 0 ? newSha : oldSha;
      await run('sh', [script, sha, ...where, `${host.url}/version`]);
    }
    times.push(performance.now() - from);
    // Like systemd, the stand-in for systemd allows only five starts of a service in ten seconds.
    await sleep(2500);
  }
  return median(times);
}
