import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import type { WatchSegment } from '../domain/activities.ts';
import type { Look } from '../domain/plan.ts';
import type { Ship } from '../sandbox/fleet.ts';
import type { Stack } from '../sandbox/stack.ts';
import { median, ms, plain, ratio, seconds, within } from './row.ts';
import type { Row } from './row.ts';
import { readVoyage } from './spans.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./bare-rollback.sh', import.meta.url));
const runs = 3;

type Sail = (stack: Stack, project: string) => Promise<WorkflowHandle>;

/** From the look that decided to the old release served by every host, and the bare tool doing the same. */
export async function measureRollback(stack: Stack, project: string, sail: Sail): Promise<Row[]> {
  const ship = stack.fleet.ships.find(({ name }) => name === project) as Ship;
  const handle = await sail(stack, project);
  await served(ship, ship.newSha);
  const restoredAt = await served(ship, ship.oldSha);
  await handle.result();
  const { lookedAt, failing } = await decidingLook(handle);
  const bare = await bareRollback(ship);
  const took = restoredAt - lookedAt;
  const { activities } = await readVoyage(handle);
  const after = activities.filter(({ to }) => to > lookedAt && to < restoredAt + 2000);
  const on = `${ship.hosts.length} host${ship.hosts.length > 1 ? 's' : ''}`;
  return [
    ...after.map(({ name, from, to }) =>
      plain(`  ${name}, from ${ms(from - lookedAt)} on`, ms(to - from)),
    ),
    plain(`bare rollback, ${on}: link, restart, served`, seconds(bare)),
    within(`from the failing look to restored traffic, ${on}`, took, bare + 2000),
    plain('  as a multiple of the bare rollback', ratio(took, bare)),
    plain('  failing looks until it decided', `${failing}`),
  ];
}

/** When every host answered with this release. */
async function served({ hosts }: Ship, sha: string): Promise<number> {
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

async function decidingLook(handle: WorkflowHandle) {
  const events = (await handle.fetchHistory()).events ?? [];
  const decoded = (data: Uint8Array | null | undefined) =>
    JSON.parse(Buffer.from(data ?? []).toString()) as unknown;
  const last = events.findLast(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'takeLooks',
  );
  const ended = events.find(
    (event) =>
      `${event.activityTaskCompletedEventAttributes?.scheduledEventId}` === `${last?.eventId}`,
  );
  const input = decoded(last?.activityTaskScheduledEventAttributes?.input?.payloads?.[0]?.data);
  const result = decoded(ended?.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data);
  const looks = result as Look[];
  const failing = looks.filter(({ probe }) => probe === 1).length;
  const { startedAt } = input as WatchSegment;
  return { lookedAt: startedAt + (looks.at(-1)?.at ?? 0), failing };
}

/** Hosts one after the other, as ours; there and back again, since each is the same act. */
async function bareRollback({ hosts, oldSha, newSha }: Ship): Promise<number> {
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
    // The stand-in's start limit, as systemd's: five starts in ten seconds.
    await sleep(2500);
  }
  return median(times);
}
