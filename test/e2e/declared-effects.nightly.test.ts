import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Effect as Happened, Write } from '../../sandbox/board.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { declaredEffectsOf } from '../../domain/platforms/declared-effects.ts';
import { matches } from '../../domain/lib/glob.ts';
import type { Effect } from '../../domain/platforms/platform.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const platforms = ['vps', 'northflank', 'vercel', 'cloudflare'] as const;
const projectIn = (platform: (typeof platforms)[number], kind: 'good' | 'bad'): ProjectSpec => {
  const name = `${platform}-${kind}`;
  const good = kind === 'good';
  const worker = platform === 'cloudflare';
  const first = worker ? workers.good(name) : samples.good(1);
  const next = good ? samples.good(2) : samples.failsLater(8);
  const nextWorker = good ? workers.good(name, 2) : workers.throwsLater(name, 20);
  return {
    ...{ name, first, next: worker ? nextWorker : next, checks: 'success' },
    ...(platform === 'vps' ? { hosts: 2 } : { hosts: 0, at: platform }),
  };
};
const named = (kind: string) => platforms.map((platform) => `${platform}-${kind}`);

let stack: Stack;
const plans: Record<string, Plan> = {};
/** The writes during the good deploys, and the writes during the bad deploys. */
const calls = { good: [] as string[], bad: [] as string[] };

const runDeploy = async (kind: 'good' | 'bad') => {
  const names = named(kind);
  await Promise.all(names.map((name) => stack.deploy(name)));
  for (const name of names) {
    const { sealed } = await stack.reached(name, 'approval');
    if (sealed) plans[name] = sealed.plan;
  }
  await Promise.all(names.map((name) => stack.approve(name)));
  const reports = await Promise.all(names.map((name) => stack.report(name)));
  for (const report of reports.filter(({ outcome }) => outcome === 'rolled-back'))
    await stack.aftermath(report);
  const heard = await happened();
  calls[kind] = heard.slice(calls.good.length);
  return reports.map(({ outcome }) => outcome);
};

/** Every write since the fleet started, written like a declared effect. */
async function happened(): Promise<string[]> {
  const { sandbox, fleetProjects } = stack.fleet;
  const reply = await fetch(`${sandbox.control.address}/effects`);
  const { effects, writes } = (await reply.json()) as { effects: Happened[]; writes: Write[] };
  const hosts = new Map(
    fleetProjects.flatMap((fleetProject) =>
      fleetProject.hosts.map((host) => [host.name, host.address] as const),
    ),
  );
  const inWords = ({ service, operation, detail }: Happened) => {
    const [where = '', what = ''] = detail.split(' ');
    if (service === 'vps') return [`${operation} ${hosts.get(where) ?? where}`];
    if (service === 'slack') return [`${operation} ${channelOf(where)}`];
    if (service !== 'git') return [];
    const fleetProject = fleetProjects.find(
      ({ newSha }) => what.startsWith(newSha) || what.endsWith(newSha),
    );
    const branch = where.replace('refs/heads/', '');
    return [`push ${branch} ${plans[fleetProject?.name ?? '']?.target.repository}`];
  };
  const onTheWire = ({ service, call }: Write) => {
    if (['git', 'slack'].includes(service) || reads.includes(call)) return [];
    if (service === 'pager') return ['page webhook'];
    return [call.replace('/client/v4', '')];
  };
  const all = [
    ...effects.map((it) => ({ at: it.at, said: inWords(it) })),
    ...writes.map((it) => ({ at: it.at, said: onTheWire(it) })),
  ];
  return all.toSorted((a, b) => a.at.localeCompare(b.at)).flatMap(({ said }) => said);
}
const reads = ['POST /client/v4/graphql', 'POST /v2/observability/query'];
const channels: Record<string, string> = { C000000001: '#deployments', C000000002: '#incidents' };
const channelOf = (id: string) => (id.startsWith('D') ? 'direct' : (channels[id] ?? id));

const fits = (call: string, { calls: patterns }: Effect) =>
  patterns.some((pattern) => matches(pattern, call));
const effectsOf = (names: string[], only?: Effect['when']) =>
  names.flatMap((name) => {
    const plan = plans[name];
    if (!plan) throw new Error(`the deploy of ${name} has no plan`);
    return declaredEffectsOf(plan).effects.filter(
      ({ when }) => only === undefined || when === only,
    );
  });
const extras = (made: string[], effects: Effect[]) =>
  made.filter((call) => !effects.some((effect) => fits(call, effect)));

beforeAll(async () => {
  stack = await startStack({
    fleetProjects: platforms.flatMap((p) => [projectIn(p, 'good'), projectIn(p, 'bad')]),
    timeScale: 120,
  });
});
afterAll(() => stack?.close());

test('good releases do what their plans say, and nothing else', async () => {
  expect(await runDeploy('good')).toEqual(named('good').map(() => 'succeeded'));
  expect(extras(calls.good, effectsOf(named('good'), 'forward'))).toEqual([]);
});

test('and all of what they promise', () => {
  const promised = effectsOf(named('good')).filter(({ always }) => always);
  expect(promised.filter((effect) => !calls.good.some((call) => fits(call, effect)))).toEqual([]);
  expect(promised.length).toBeGreaterThan(10);
});

test('bad ones are rolled back as their plans say', async () => {
  expect(await runDeploy('bad')).toEqual(named('bad').map(() => 'rolled-back'));
  expect(extras(calls.bad, effectsOf(named('bad')))).toEqual([]);
  // The forward effects of a plan do not declare the writes that only a failure causes.
  expect(extras(calls.bad, effectsOf(named('bad'), 'forward'))).toEqual(
    expect.arrayContaining(['chat.postMessage #incidents', expect.stringMatching(/rollback/)]),
  );
});

describe('a promise taken out of a plan', () => {
  test('leaves an extra call behind, each of them', () => {
    const all = effectsOf(named('good'), 'forward');
    for (const taken of all.filter(({ always }) => always)) {
      const rest = all.filter(({ calls: these }) => String(these) !== String(taken.calls));
      expect([taken.where, extras(calls.good, rest).length > 0]).toEqual([taken.where, true]);
    }
  });
});

test('a site is asked for nothing but what the plan names', async () => {
  const hosts = stack.fleet.fleetProjects.find(({ name }) => name === 'vps-good')?.hosts ?? [];
  // These calls must not block this process, because it also runs the server of the host.
  const journals = await Promise.all(
    hosts.map(({ bin, unit }) =>
      execa(join(bin, 'journalctl'), ['-u', unit, '-o', 'cat', '--no-pager']),
    ),
  );
  const asked = journals
    .flatMap(({ stdout }) => stdout.split('\n'))
    .flatMap((line) => /^GET (\S+) \d+$/.exec(line)?.[1] ?? []);
  const { probes } = declaredEffectsOf(plans['vps-good'] as Plan);
  const paths = probes.map(({ url }) => new URL(url).pathname);
  expect([...new Set(asked)].toSorted()).toEqual([...new Set(paths)].toSorted());
});

test('plan prints every one of them', async () => {
  const { stdout } = await stack.cli(['plan', 'vps-good', environment, ...stack.as('casey')]);
  const { effects, probes } = declaredEffectsOf(plans['vps-good'] as Plan);
  for (const { what } of [...effects, ...probes]) expect(stdout).toContain(what);
});
