import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../engine/processes.ts';
import { eventually } from '../support/e2e.ts';
import { processesOf } from '../support/processes-of.ts';

/** Everything the demo makes lies below its own TMPDIR, so its processes are known by it. */
let temporary: string;
let started: ReturnType<typeof start> | undefined;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'plimsoll-demo-test-'));
});
afterEach(() => {
  if (started && isAlive(started.child.pid ?? -1)) started.child.kill('SIGKILL');
  rmSync(temporary, { recursive: true, force: true });
});

/** Longer than a question stays open: on a machine that is too slow the demo itself says so. */
const limit = { timeout: 300_000 };

function start() {
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, ['bin/start.mjs', '--exit', '--json'], {
    cwd: join(import.meta.dirname, '../..'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, ended: once(child, 'close') };
}

const ours = () => processesOf(temporary);

/** What only the whole run shows: why it closed, who acted, what is served in the end. */
const told = [
  /previous: no deploy of [0-9a-f]{7} to staging, the environment before, has ended: nothing shows that it works\. /,
  / robin runs plimsoll flag beacon "customers cannot pay"\n/,
  / going back: a person flagged it: "customers cannot pay" \(says robin, unsigned\); nobody answered in time\n/,
  / harbor staging +succeeded +[\d.]+ s {2}as it should be {2}new release on every host\n/,
  / harbor production +succeeded +[\d.]+ s {2}as it should be {2}new release on every host\n/,
  / barber-crm production +succeeded +[\d.]+ s {2}as it should be {2}new release at every domain\n/,
  / barber-crm production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release at every domain, main reverted\n/,
  / openclaw-gateway production +succeeded +[\d.]+ s {2}as it should be {2}new release in every container\n/,
  / openclaw-gateway production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release in every container, main reverted\n/,
  / personal-assistant production +succeeded +[\d.]+ s {2}as it should be {2}new release for everybody\n/,
  / agency-router production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release for everybody, main reverted\n/,
  / beacon production +rolled-back \(flag\) +[\d.]+ s {2}as it should be {2}old release on every host, main reverted\n/,
];

const platforms = {
  vercel: /^(barber|delhi)/,
  northflank: /^openclaw/,
  cloudflare: /^(personal|agency)/,
};

test('the demo as people run it ends with 0, every outcome as expected', limit, async () => {
  started = start();
  const [code] = (await started.ended) as [number];
  const last = started.said.out.trimEnd().split('\n').at(-1) ?? '';
  expect({ code, err: code === 0 ? '' : started.said.err }).toEqual({ code: 0, err: '' });
  const { deploys, ui } = JSON.parse(last);
  expect(ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const sailed = (place: string, expected: string, cause: string | null = null) => {
    const [project, environment] = place.split(' ');
    const [platform] = Object.entries(platforms).find(([, names]) => names.test(place)) ?? ['vps'];
    return {
      ...{ project, environment, platform, expected, outcome: expected, cause },
      ...{ seconds: expect.any(Number), historyEvents: expect.any(Number) },
    };
  };
  expect(deploys).toEqual([
    sailed('harbor production', 'gate-closed'),
    sailed('harbor staging', 'succeeded'),
    sailed('harbor production', 'succeeded'),
    sailed('lantern production', 'rolled-back', 'watch'),
    sailed('beacon production', 'rolled-back', 'flag'),
    sailed('anchor production', 'gate-closed'),
    sailed('compass production', 'rejected'),
    sailed('barber-crm production', 'succeeded'),
    sailed('barber-crm production', 'rolled-back', 'watch'),
    sailed('delhi-palace production', 'succeeded'),
    sailed('openclaw-gateway production', 'succeeded'),
    sailed('openclaw-gateway production', 'rolled-back', 'watch'),
    sailed('personal-assistant production', 'succeeded'),
    sailed('agency-router production', 'rolled-back', 'watch'),
  ]);
  for (const said of told) expect(started.said.err).toMatch(said);
  await eventually('all processes are gone', () => ours().length === 0, 10_000);
  expect(ours()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('ended in the middle of a deploy it leaves no process and no file', limit, async () => {
  started = start();
  const { child, said } = started;
  await eventually('a deploy is in its release or watch', () =>
    /harbor staging +(release|watch)/.test(said.err),
  );
  const running = ours().join('\n');
  for (const part of ['server start-dev', 'plimsoll.mjs worker', 'server.mjs'])
    expect(running).toContain(part);
  child.kill('SIGTERM');
  const [code] = (await started.ended) as [number];
  expect(code).toBe(143);
  await eventually('all processes are gone', () => ours().length === 0, 10_000).catch(() => {});
  expect(ours()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});
