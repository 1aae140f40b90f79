import { afterAll, beforeAll, expect } from 'vitest';
import { createAuditGate } from '../../../activities/gates/audit/audit.ts';
import { createTestsGate } from '../../../activities/gates/tests.ts';
import type { Git } from '../../../activities/git/git.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import type { Driver, DriverOf } from '../../../activities/platforms/driver.ts';
import type { GateReport, Plan, Target } from '../../../domain/deploy/plan.ts';
import { Config } from '../../../domain/config/config.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import { workers } from '../../../sandbox/samples/workers.ts';
import { startSpoiler } from '../../support/spoiler.ts';
import { withoutWay } from '../../support/way-to-open.ts';
import type { Spoil, Spoiler } from '../../support/spoiler.ts';
import { repository as gateway } from '../../sandbox/platforms/northflank/northflank-fixture.ts';
import { repository as barber } from '../../sandbox/platforms/vercel/vercel-fixture.ts';
import { cloudflarePlace, name as worker } from '../platforms/cloudflare/place.ts';
import { hostAndGit } from '../git/host.ts';
import { northflankPlace } from '../platforms/northflank/place.ts';
import { planFor } from '../plan/plan-fixture.ts';
import { vercelPlace } from '../platforms/vercel/place.ts';
import { gatesOfPlatform, linesOf, verdictOf } from './verdicts.ts';
import type { Verdict } from './verdicts.ts';
import { zipOf } from './zip.ts';

type Gate = { name: string; spoiler: Spoiler; check: () => Promise<GateReport> };

const name = 'acme/shop';
const empty = { quarantines: async () => [], waivers: async () => [], read: async () => [] };
const gates: Gate[] = [];
const closing: (() => Promise<unknown>)[] = [];

async function ofGitHub() {
  const at = await hostAndGit();
  const { repositories } = at.host;
  const hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
  const [sha = ''] = await at.host.createRepository(name, [{ files: { a: '1' }, message: 'A' }]);
  hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
  hub.setStatus(name, sha, { context: 'lint', state: 'success' });
  hub.setRules(name, {
    rulesets: { main: [{ context: 'unit' }] },
    protection: { main: [{ context: 'lint' }] },
  });
  const xml = '<testsuite><testcase classname="pay" name="refund"/></testsuite>';
  hub.storeArtifact(name, { sha, name: 'junit', zip: zipOf([{ name: 'a.xml', text: xml }]) });
  hub.setAlerts(name, { 'code-scanning': [], dependabot: [], 'secret-scanning': [] });
  const spoiler = await startSpoiler(hub.address);
  closing.push(spoiler.close, hub.close, at.close);
  const github = createGitHub({ api: spoiler.address, token: 'gh-token', variable: 'GH_TOKEN' });
  const tests = { required: ['unit', 'lint'], critical: [], minimumTests: 1, artifact: 'junit' };
  const audit = { github: ['code-scanning', 'dependabot', 'secret-scanning'] };
  const projects = { shop: { tests, audit, branch: 'main', environments: {} } };
  const config = { ...Config.parse({ approvers: {}, projects: {} }), projects } as never;
  const plan = planFor({ sha, repository: at.host.url(name), github: name });
  const { git } = at;
  const testsGate = createTestsGate({ config, git, github });
  const auditGate = createAuditGate({ config, git, github, ledger: empty as never });
  gates.push(
    { name: 'tests at GitHub', spoiler, check: () => testsGate({ plan }) },
    { name: 'audit at GitHub', spoiler, check: () => auditGate({ plan }) },
  );
}

type Place<T extends Target> = {
  target: T;
  driver: Driver<T>;
  sha: string;
  live: { sha: string; platformId: string };
  git: Git;
  variable: string;
  /** The repository that the platform reports as the source of its builds. */
  github?: string;
};

/** Adds the platform gate and the secrets gate for one platform. */
function ofPlatform<T extends Target>(what: string, spoiler: Spoiler, place: Place<T>) {
  const { driver, git, sha } = place;
  const target = { ...place.target, api: spoiler.address, requiredVariables: [place.variable] };
  const driverOf = (() => driver) as unknown as DriverOf;
  const plan: Plan = planFor({
    sha,
    target: target as never,
    rollbackTarget: { id: 'old', ...place.live },
    revert: 'off',
    github: place.github ?? null,
  });
  const { platform, secrets } = gatesOfPlatform(plan, git, driverOf);
  gates.push(
    { name: `platform at ${what}`, spoiler, check: platform },
    { name: `secrets at ${what}`, spoiler, check: secrets },
  );
}

async function ofVercel() {
  const key = (name: string) => [{ key: name, value: 'x', target: ['production' as const] }];
  const at = await vercelPlace({ project: { variables: key('A') }, shared: key('SHARED') });
  const git = await hostAndGit();
  const [sha = ''] = await git.host.createRepository(name, [{ files: { a: '1' }, message: 'A' }]);
  const spoiler = await startSpoiler(at.vercel.address);
  closing.push(spoiler.close, at.close, git.close);
  const { live, deployments } = await at.truth();
  const { sha: old = '' } = deployments.find(({ id }) => id === live) ?? {};
  const target = { ...at.target, repository: git.host.url(name) };
  const { driver } = at;
  const place = {
    target,
    driver,
    sha,
    live: { sha: old, platformId: live ?? '' },
    git: git.git,
    github: barber,
  };
  ofPlatform('Vercel', spoiler, { ...place, variable: 'SHARED' });
}

async function ofNorthflank() {
  const at = await northflankPlace();
  const git = await hostAndGit();
  const [sha = ''] = await git.host.createRepository(name, [{ files: { a: '1' }, message: 'A' }]);
  const spoiler = await startSpoiler(at.northflank.address);
  closing.push(spoiler.close, at.close, git.close);
  const target = { ...at.target, repository: git.host.url(name) };
  const { driver } = at;
  const live = { sha: at.shas[0]!, platformId: at.live };
  const place = { target, driver, sha, live, git: git.git, github: gateway };
  ofPlatform('Northflank', spoiler, { ...place, variable: 'GATEWAY_TOKEN' });
}

async function ofCloudflare() {
  const at = await cloudflarePlace([workers.good(worker, 1)]);
  const live = { sha: at.shaOf(0), platformId: await at.deployed(0) };
  const { origin, pathname } = new URL(at.target.api);
  const spoiler = await startSpoiler(origin);
  closing.push(spoiler.close, at.close);
  const place = { target: at.target, driver: at.driver, sha: at.shaOf(0), live, git: at.git };
  const address = `${spoiler.address}${pathname}`;
  ofPlatform('Cloudflare', { ...spoiler, address }, { ...place, variable: 'RELEASE' });
}

const steady = (text: string) =>
  text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:…')
    .replaceAll(/\b[0-9a-f]{7,40}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?\b/g, '…')
    .replaceAll(/\b(dpl|prj)_\w+/g, '$1_…');

async function verdictsOf({ spoiler, check }: Gate, call: string, chosen: readonly Spoil[]) {
  const verdicts = new Map<Spoil, Verdict>();
  for (const spoil of chosen) {
    spoiler.spoil(call, spoil);
    const verdict = await verdictOf(check);
    if (spoiler.spoilt() > 0) verdicts.set(spoil, verdict);
    spoiler.mend();
  }
  return verdicts;
}

/**
 * True if GitHub answered "Not Found" for rules that the token may not read. Then the gate uses the
 * checks in plimsoll.yaml, and says which rules it could not read.
 */
const isUnreadable = (call: string, spoil: Spoil, { reasons }: Verdict) =>
  /rules\/branches|protection/.test(call) &&
  spoil === '404' &&
  reasons.join().includes('GitHub did not show:');

/** Starts the stand-ins of GitHub and of three platforms, and their gates, for the tests of a file. */
export function useBadAnswers() {
  beforeAll(() => Promise.all([ofGitHub(), ofVercel(), ofNorthflank(), ofCloudflare()]), 60_000);
  afterAll(() => Promise.all(closing.map((close) => close())));
}

/**
 * Gives bad answers to every call of every gate, and expects that no gate opens and that every
 * closed gate names a remedy. `choose` gets the number of the call and returns its bad answers.
 * Returns what a person reads, as a document.
 */
export async function expectClosedGates(choose: (call: number) => readonly Spoil[]) {
  const document = ['# What a person reads where an answer says nothing', ''];
  const passed: string[] = [];
  const withoutRemedy: string[] = [];
  let number = 0;
  for (const gate of gates.toSorted((a, b) => a.name.localeCompare(b.name))) {
    gate.spoiler.forget();
    const { open: whole, reasons } = await verdictOf(gate.check);
    expect(whole, `${gate.name}: ${reasons.join()}`).toBe(true);
    for (const call of gate.spoiler.calls()) {
      const verdicts = await verdictsOf(gate, call, choose(number));
      number += 1;
      for (const { open, again, reasons: said } of verdicts.values())
        if (!open && !again) withoutRemedy.push(...withoutWay(said));
      const open = [...verdicts]
        .filter(([spoil, one]) => one.open && !isUnreadable(call, spoil, one))
        .map(([spoil]) => spoil);
      if (open.length > 0) passed.push(`${gate.name}, ${call}: ${open.join(', ')}`);
      if (verdicts.size > 0)
        document.push(`## ${gate.name}: ${call}`, '', ...linesOf(verdicts, steady), '');
    }
  }
  expect(passed).toEqual([]);
  expect([...new Set(withoutRemedy)]).toEqual([]);
  return document.join('\n');
}
