import { MockActivityEnvironment } from '../support/activity-environment.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { moduleOf, platformRules } from '../../activities/platforms/index.ts';
import type { Connected } from '../../activities/platforms/module.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { HostState, Plan, Target } from '../../domain/deploy/plan.ts';
import { platforms, specOf } from '../../domain/platforms/index.ts';
import type { ActivitiesOf, Platform, TargetOf } from '../../domain/platforms/index.ts';
import { declaredEffectsOf } from '../../domain/platforms/declared-effects.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { stepsOf, rollbackStepsOf, whereOf } from '../../domain/platforms/words.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import { Environment } from '../../domain/config/environments.ts';
import { secretRefs } from '../../worker/config/secrets.ts';
import { Compensations } from '../../workflows/compensations.ts';
import type { Back } from '../../workflows/platforms/index.ts';
import { planFor } from '../support/plan.ts';

/** A stand-in for the platform, with one project. The commit `old` of this project is live. */
type World<P extends Platform> = {
  target: TargetOf<P>;
  old: string;
  next: string;
  plan?: Partial<Plan>;
  /** Returns every effect that the stand-in has counted. */
  effects(): readonly unknown[];
  /**
   * Activities for which a second call may count another effect, because the call sets the same
   * state again.
   */
  setAgain?: readonly (keyof ActivitiesOf<P>)[];
  close(): Promise<void>;
} & Pick<Connected<P>, 'driver' | 'activities'>;

export type Given<P extends Platform> = {
  platform: P;
  /**
   * An environment of plimsoll.yaml. It contains every key that can hold an address or a secret.
   */
  environment: Record<string, unknown>;
  open(): Promise<World<P>>;
};

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
const project = { repository: 'https://git.example/acme/shop.git', branch: 'main' };

/**
 * Runs `work` in an activity, as a worker does. A second call with the same `id` is a new attempt
 * of the same activity.
 */
const inActivity = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment(
    { activityId: id, scheduledTimestampMs: Date.now() },
    { logger: silent },
  ).run(work);

/** Defines the tests that every platform must pass. */
export function conforms<P extends Platform>(given: Given<P>): void {
  describe(`${given.platform}, as plimsoll.yaml names it`, () => {
    configured(given);
  });
  describe(`${given.platform}, in its world`, () => {
    acting(given);
  });
}

function configured<P extends Platform>({ platform, environment: raw }: Given<P>) {
  const environment = Environment.parse(raw);
  const environments = { production: environment };
  const configOf = (more: object) =>
    ({
      projects: { shop: { ...project, environments: { ...environments, ...more } } },
    }) as unknown as Config;
  const config = configOf({});
  const platformModule = moduleOf(platform);
  const place = placesOn(config, platform)[0]!;
  const target: Target = platformModule.resolveTarget({ ...place, project: project as Project });
  const plan = planFor({ target }) as Plan;
  const textsOf = (pattern: RegExp, of: unknown = raw): string[] =>
    typeof of === 'string'
      ? [...of.matchAll(pattern)].map(([text]) => text)
      : typeof of === 'object' && of !== null
        ? Object.values(of).flatMap((one) => textsOf(pattern, one))
        : [];

  test('what is frozen of it names its platform and its repository', () => {
    expect(target).toMatchObject({ platform, repository: project.repository });
    expect(target).toEqual(JSON.parse(JSON.stringify(target)));
  });

  test('every secret is known by its name, and frozen by it', () => {
    const named = textsOf(/^env:\w+$/g);
    expect(secretRefs(config)).toEqual(expect.arrayContaining(named));
    expect(textsOf(/^env:\w+$/g, target)).toEqual(expect.arrayContaining(named));
  });

  test('every address that the worker talks to is known', () => {
    const { dependencies: _, ...own } = raw;
    const known = platformModule.endpoints(place.environment).map(({ value }) => value);
    expect(known).toEqual(expect.arrayContaining(textsOf(/^https?:.*$/g, own)));
  });

  test('no token goes over plain http to another machine', () => {
    const hasToken = 'token' in environment && 'api' in environment;
    const open = (api: string) =>
      platformRules(configOf({ production: { ...environment, api } }))
        .filter(({ path }) => path.at(-1) === 'api')
        .map(({ what }) => what);
    const what = 'The token would be sent unencrypted.\nUse https://.';
    expect(open('http://api.example.com')).toEqual(hasToken ? [what] : []);
    expect([open('http://127.0.0.1:1'), open('https://api.example.com')]).toEqual([[], []]);
  });

  test('two environments cannot share one place', () => {
    expect(platformRules(config)).toEqual([]);
    const [first] = platformRules(configOf({ staging: environment }));
    expect(first?.what).toMatch(
      /belongs to projects\.shop\.environments\.production.*\n.*Give each/,
    );
  });

  test('the doctor asks nobody while a secret is missing, and names the variable', async () => {
    const refs = secretRefs(config);
    const called = vi.spyOn(globalThis, 'fetch');
    const unreachable = () => expect.unreachable();
    const deps = { secret: unreachable, isSet: () => false, atBranch: unreachable };
    const samples = refs.length === 0 ? [] : platformModule.doctor([place], deps);
    const unchecked = { check: expect.any(String) as unknown, state: 'unchecked' };
    expect(await Promise.all(samples)).toEqual(
      samples.map(() => ({ ...unchecked, text: `needs ${refs[0]?.slice('env:'.length)}` })),
    );
    expect(samples.length).toBe(refs.length === 0 ? 0 : 1);
    expect(called).not.toHaveBeenCalled();
    called.mockRestore();
  });

  test('its places are its sites, one by one', () => {
    const sites = sitesOf(target);
    expect(sites.length).toBeGreaterThan(0);
    expect(specOf(target).places(target).flatMap(sitesOf)).toEqual(sites);
  });

  test('approvers read what is done, what undoes it and where it runs', () => {
    const { sha, timing, rollbackTarget } = plan;
    const told = [
      stepsOf({ sha, target, timing }),
      rollbackStepsOf({ target, rollbackTarget, notes: [] }),
      whereOf(target),
    ];
    expect(told.every((lines) => lines.length > 0)).toBe(true);
    for (const line of told.flat()) expect(line).toMatch(/^\S[^\n]*\S$/);
    expect(told.flat().join('\n')).toContain(sha.slice(0, 7));
  });

  test('its declared effects say what a deploy changes, and what a rollback changes', () => {
    const { effects } = platforms[platform].effects;
    const declared = effects(target as TargetOf<P>, plan);
    expect(declared.some(({ when, always }) => when === 'forward' && always)).toBe(true);
    expect(declared.some(({ when }) => when === 'trouble')).toBe(true);
    expect(declared.flatMap(({ calls }) => calls).every((call) => call.trim() !== '')).toBe(true);
    for (const { url } of declaredEffectsOf(plan).probes) expect(URL.canParse(url)).toBe(true);
  });

  test('the time that a release may take has an end', () => {
    const { toBuildMs, toProveMs } = specOf(target).longest(target, plan.timing);
    expect(toBuildMs).toBeGreaterThanOrEqual(0);
    expect(toProveMs).toBeGreaterThan(0);
    expect(Number.isFinite(toBuildMs + toProveMs)).toBe(true);
  });

  test('a webhook counts only with its secret', async () => {
    const { checkWebhook } = platformModule;
    expect(platforms[platform].webhook).toBe(checkWebhook !== null);
    const body = async () => new TextEncoder().encode('{}');
    const forged = { rest: 'guessed', header: () => 'guessed', body };
    expect((await checkWebhook?.(forged, 'a long random word')) ?? 'not theirs').toBe('not theirs');
  });
}

function acting<P extends Platform>({ platform, open }: Given<P>) {
  let world: World<P>;
  let plan: Plan;
  beforeAll(async () => {
    world = await open();
    const live = await look();
    const rollbackTarget = { id: 'old-0', sha: world.old, ...idOf(live[0]) };
    plan = planFor({
      target: world.target,
      sha: world.next,
      release: { id: 'next-0', sha: world.next },
      live,
      rollbackTarget,
      plannedAt: new Date().toISOString(),
      ...world.plan,
    }) as Plan;
  }, 120_000);
  afterAll(() => world.close());
  const look = () => inActivity('inspect', () => world.driver.inspect(world.target));
  const idOf = (state: HostState | undefined) => (state?.id ? { platformId: state.id } : {});
  const shas = (states: HostState[]) => new Set(states.map(({ sha }) => sha));

  test('its activities are those that it names', () => {
    const { secret, git } = { secret: () => 'x', git: {} as never };
    const deps = { secret, git, builder: {} as never, workspace: '/nowhere', timeScale: 1 };
    const connected = moduleOf(platform).connect(deps);
    connected.close();
    expect(Object.keys(connected.activities).toSorted()).toEqual(
      Object.keys(platforms[platform].summaries).toSorted(),
    );
  });

  test('its driver reads what is live, and changes nothing', async () => {
    const { driver, target } = world;
    const before = world.effects().length;
    const states = await look();
    expect(states.map(({ host }) => host)).toEqual(sitesOf(target).map(({ name }) => name));
    expect(states.every(({ healthy }) => healthy)).toBe(true);
    expect(shas(states)).toEqual(new Set([world.old]));
    const { rollbackTarget } = plan;
    await inActivity('facts', async () => {
      const backs = await driver.rollbackReady(target, rollbackTarget!);
      expect(backs.map(({ present }) => present)).toEqual(states.map(() => true));
      await driver.guards(plan as never);
      await driver.variables(target);
      await driver.oldAddress(target, rollbackTarget!);
      await driver.measureBaseline({ target, accessLog: null });
      await driver.lastLines(plan as never);
      const errorSource = driver.errorSource({
        ...{ target, watch: { accessLog: null }, agoMs: () => 1000 },
        ...{ startedAt: Date.now(), counted: [0, 0] },
      });
      await errorSource.sample();
      errorSource.close();
    });
    expect(world.effects().length).toBe(before);
  });

  test('every step of its release may run twice: an existing effect is found', async () => {
    const before = world.effects().length;
    const asked = await runDeploy({ platform, world }, (procedure, compensations) =>
      procedure.release(rollout(), compensations, {
        plan,
        recheckBeforeFirstEffect: async () => {},
      }),
    );
    expect(world.effects().length).toBeGreaterThan(before);
    expect(asked.filter((name) => Object.hasOwn(platforms[platform].summaries, name))).not.toEqual(
      [],
    );
    const states = await look();
    expect([shas(states), states.every(({ healthy }) => healthy)]).toEqual([
      new Set([world.next]),
      true,
    ]);
  }, 240_000);

  test('its rollback is absolute: the previous release is live and healthy, after one call or two', async () => {
    await runDeploy({ platform, world }, async (procedure) => {
      for (const { act } of procedure.back(plan)) await act();
    });
    const states = await look();
    expect([shas(states), states.every(({ healthy }) => healthy)]).toEqual([
      new Set([world.old]),
      true,
    ]);
    expect(plan.rollbackTarget?.platformId ?? states[0]?.id).toBe(states[0]?.id);
  }, 240_000);
}

type Procedure = {
  release(rollout: unknown, compensations: Compensations, cleared: object): Promise<void>;
  back(plan: Plan): Back[];
};

/** Returns a fake rollout that runs each step once, without the retries of the saga. */
const rollout = () => ({
  runStep: (_: string, act: () => Promise<unknown>) => act(),
  notes: { line() {} },
  status: {},
  proofs: [],
});

/**
 * Runs the deploy procedure of the platform. Each activity of the procedure is called twice, and
 * the second call must have no effect. Returns the names of the activities in the order of the
 * calls.
 */
async function runDeploy<P extends Platform>(
  { platform, world }: { platform: P; world: World<P> },
  work: (procedure: Procedure, compensations: Compensations) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const known = {
    publishCommit: async () => ({ published: 'already' }),
    ...world.activities,
  } as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const setAgain = new Set<unknown>(world.setAgain ?? []);
  const twice = async (name: string, input: unknown) => {
    asked.push(name);
    const act = known[name];
    if (!act) throw new Error(`the procedure calls ${name}, but ${platform} has no such activity`);
    const id = `${asked.length}`;
    await inActivity(id, () => act(input));
    const once = world.effects().length;
    const answer = await inActivity(id, () => act(input));
    const counted = setAgain.has(name) ? once : world.effects().length;
    expect(counted, `${name}, asked again`).toBe(once);
    return answer;
  };
  // The calls run one after the other, so that each effect is counted for its own call.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (name: string, input: unknown) => {
    const mine = last.then(() => twice(name, input));
    last = mine.catch(() => undefined);
    return mine;
  };
  const proxy = new Proxy({}, { get: (_, name) => (input: unknown) => ask(String(name), input) });
  vi.doMock('../../workflows/proxies.ts', () => ({
    releasing: proxy,
    rollingBack: proxy,
    releasingWithin: () => proxy,
    rollingBackWithin: () => proxy,
    provingWithin: () => proxy,
    notifying: proxy,
  }));
  vi.resetModules();
  const procedure = (await import(`../../workflows/platforms/${platform}.ts`)) as Procedure;
  await work(procedure, new Compensations());
  return asked;
}
