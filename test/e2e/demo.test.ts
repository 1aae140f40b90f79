import { expect, test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { eventually } from '../support/e2e.ts';

const demo = useDemo();

/**
 * Lines that only a complete run of the demo prints: why a gate closed, who acted, and which
 * release is live at the end.
 */
const told = [
  /previous: no deploy of [0-9a-f]{7} to staging, the previous environment, has ended, so nothing proves that the commit works\. /,
  / robin runs plimsoll flag beacon "customers cannot pay"\n/,
  / rolling back: a person flagged it: "customers cannot pay" \(says robin, unsigned\); nobody answered in time\n/,
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
  const started = demo.start();
  const [code] = (await started.ended) as [number];
  const last = started.said.out.trimEnd().split('\n').at(-1) ?? '';
  expect({ code, err: code === 0 ? '' : started.said.err }).toEqual({ code: 0, err: '' });
  const { deploys, ui } = JSON.parse(last);
  expect(ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const expectedDeploy = (place: string, expected: string, cause: string | null = null) => {
    const [project, environment] = place.split(' ');
    const [platform] = Object.entries(platforms).find(([, names]) => names.test(place)) ?? ['vps'];
    return {
      ...{ project, environment, platform, expected, outcome: expected, cause },
      ...{ seconds: expect.any(Number), historyEvents: expect.any(Number) },
    };
  };
  expect(deploys).toEqual([
    expectedDeploy('harbor production', 'gate-closed'),
    expectedDeploy('harbor staging', 'succeeded'),
    expectedDeploy('harbor production', 'succeeded'),
    expectedDeploy('lantern production', 'rolled-back', 'watch'),
    expectedDeploy('beacon production', 'rolled-back', 'flag'),
    expectedDeploy('anchor production', 'gate-closed'),
    expectedDeploy('compass production', 'rejected'),
    expectedDeploy('barber-crm production', 'succeeded'),
    expectedDeploy('barber-crm production', 'rolled-back', 'watch'),
    expectedDeploy('delhi-palace production', 'succeeded'),
    expectedDeploy('openclaw-gateway production', 'succeeded'),
    expectedDeploy('openclaw-gateway production', 'rolled-back', 'watch'),
    expectedDeploy('personal-assistant production', 'succeeded'),
    expectedDeploy('agency-router production', 'rolled-back', 'watch'),
  ]);
  for (const said of told) expect(started.said.err).toMatch(said);
  await eventually('all processes are gone', () => demo.processes().length === 0, 10_000);
  expect(demo.processes()).toEqual([]);
  expect(demo.files()).toEqual([]);
});
