import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { waiveDigest } from '../../activities/lib/seal-digest.ts';
import { createWaive } from '../../activities/records/waive.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { Config } from '../../domain/config/config.ts';
import { openSeals } from '../../worker/seal/open-seals.ts';
import type { Decision } from '../../domain/config/config.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { nonce, signText } from '../support/forgery.ts';
import { untouched } from '../support/witness.ts';

const project = 'shop';
const place = { project, environment };
const dayMs = 24 * 60 * 60_000;
const day = (from: number) => new Date(Date.now() + from * dayMs).toISOString().slice(0, 10);
const until = day(30);
const yesterday = day(-1);
const old = { finding: 'PT-1', reason: 'mended soon', until: yesterday };
const reason = 'only staff reach it';

let stack: Stack;
let report: string;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects: [
      {
        ...{ name: project, hosts: 1, first: samples.good(1), next: samples.good(2) },
        checks: 'success',
      },
    ],
    edit: (config, directory) => {
      report = join(directory, 'audit.json');
      config.projects[project].audit = { reports: [report] };
    },
    worker: false,
  });
  const { newSha } = projectIn(stack.fleet, project);
  const [id, title] = ['PT-1', 'a login can be guessed'];
  const finding = { id, severity: 'critical', title, where: 'auth.js' };
  const date = new Date().toISOString();
  const audited = { sha: newSha, date, auditor: 'pentest', findings: [finding] };
  writeFileSync(report, JSON.stringify(audited));
  await waivedLongAgo();
  await stack.workers.start();
});
afterAll(() => stack?.close());

/** Adds a waiver that morgan signed thirty days ago. The waiver was valid until yesterday. */
async function waivedLongAgo() {
  const { configPath, ledgerPath, keys } = stack.fleet;
  const config = Config.parse(parse(readFileSync(configPath, 'utf8')));
  const seals = await openSeals(config, { env: { ...process.env, ...stack.fleet.env } });
  const ledger = await openLedger({ path: ledgerPath }, seals);
  const then = Date.now() - 30 * dayMs;
  const notAfter = new Date(then + 600_000).toISOString();
  const about = { subject: 'waive', subjectDigest: waiveDigest({ ...place, ...old }) } as const;
  const decision: Decision = {
    ...{ ...about, ...place, deployId: '', sha: '0'.repeat(40), notAfter },
    ...{ decision: 'approve', approver: 'morgan', nonce: nonce() },
  };
  const signed = { decision, signature: signText(canonicalJson(decision), keys.morgan) };
  const { waiveFinding } = createWaive({ config: () => config, ledger, now: () => then });
  const ruling = await waiveFinding({ signed, ...old, runId: 'long-ago' });
  expect(ruling).toMatchObject({ verdict: 'counted' });
  await ledger.close();
}

const found = () => `${report}: PT-1 (critical) in auth.js: a login can be guessed`;
const refused = () => ({
  outcome: 'gate-closed',
  touched: false,
  reasons: [
    `audit: ${found()}. The waiver of morgan ended on ${yesterday}. Fix the finding, or let an ` +
      'approver waive it: plimsoll waive shop production PT-1 --reason "why" --until DAY',
  ],
});
const waive = (who: 'casey' | 'morgan') => {
  const words = ['PT-1', '--reason', reason, '--until', until];
  return stack.cli(['waive', project, environment, ...words, ...stack.as(who)]);
};

test('a critical finding closes the gate, and a waiver that ended keeps it so', async () => {
  await stack.deploy(project);
  expect(await stack.report(project)).toMatchObject(refused());
  expect(await stack.effectsOf(project)).toEqual(untouched);
});

test('what an agent signs waives nothing', async () => {
  expect(await waive('casey')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('casey is an agent: it may request deploys, but never'),
  });
  await stack.deploy(project);
  expect(await stack.report(project)).toMatchObject(refused());
});

test('what an approver signs lets it through, and every screen says so', async () => {
  expect(await waive('morgan')).toMatchObject({
    code: 0,
    stdout: `Waived: morgan waives PT-1 in shop production until ${until}. Every deploy that uses the waiver shows the waiver.\n`,
  });
  const said = `waived by morgan until ${until}, "${reason}": ${found()}`;
  const plan = await stack.cli(['plan', project, environment, ...stack.as('casey')]);
  expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining(said) });
  await stack.deploy(project);
  const { gates, sealed } = await stack.reached(project, 'approval');
  const audit = gates.find(({ gate }) => gate === 'audit');
  expect(audit).toMatchObject({ open: true, waivers: ['PT-1'] });
  expect(audit?.reasons).toContain(said);
  expect(sealed?.gates.find(({ gate }) => gate === 'audit')?.waivers).toEqual(['PT-1']);
  const status = await stack.cli(['status', project, environment]);
  expect(status).toMatchObject({ code: 8, stdout: expect.stringContaining(said) });
  await stack.approve(project, 'robin');
  expect(await stack.report(project)).toMatchObject({ outcome: 'succeeded' });
});
