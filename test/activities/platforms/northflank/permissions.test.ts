import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  permissions,
  permissionName,
} from '../../../../domain/platforms/northflank/permissions.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
import type { Version } from '../../../../sandbox/platforms/northflank/permissions.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { failureText, northflankPlace, run } from './place.ts';
import type { NorthflankPlace } from './place.ts';

type Told = { type?: string; final?: boolean; lines?: string[] };

/**
 * Runs all steps of a deploy and its rollback, beginning with the gate. Returns null if all steps
 * worked. If not, returns the refused step with the text of the refusal.
 */
async function attempt(place: NorthflankPlace, sha: string) {
  const target = { ...place.target, requiredVariables: ['GATEWAY_TOKEN'] };
  const on = { ...place.step(sha), target };
  let buildId = '';
  const steps: [string, () => Promise<unknown>][] = [
    ['gate: platform', () => place.driver.guards(place.plan({ target }))],
    ['gate: variables', () => place.driver.variables(target)],
    ['read the builds', () => run(place.do.readBuilds, on)],
    [
      'find or start the build',
      async () => {
        const asked = { ...on, known: [], again: false, pushed: false, branch: 'main' };
        ({ buildId } = await run(place.do.adoptBuild, asked));
      },
    ],
    ['await the build', () => run(place.do.awaitBuild, { ...on, buildId })],
    ['deploy', () => place.deployRelease(sha, buildId)],
    ['roll back', () => run(place.do.rollBackDeployment, place.back())],
  ];
  for (const [step, act] of steps) {
    const told = (await failureText(act())) as Told;
    if (told.lines) return { step, type: told.type, final: told.final, text: told.lines.join(' ') };
  }
  return null;
}

describe.each<[Version, 401 | 403]>([
  ['0.9', 401],
  ['0.9', 403],
  ['0.11', 401],
])('with the permissions of the API %s, refused by %i', (version, forbiddenStatus) => {
  let place: NorthflankPlace;
  const all = allPermissions(version);
  beforeAll(async () => {
    const trees = [samples.good(1), samples.good(2)];
    place = await northflankPlace({ trees, version, forbiddenStatus });
  });
  afterAll(() => place.close());

  test('each one that is missing is named before anything is live; all of them are enough', async () => {
    const sha = place.shas[1]!;
    const report: string[] = [];
    const writes = all.filter((one) => !/Read$|View/.test(one));
    const order = [...writes, ...all.filter((one) => !writes.includes(one))];
    for (const removed of order) {
      place.northflank.rule({ role: all.filter((one) => one !== removed) });
      place.board.effects.length = 0;
      const refused = await attempt(place, sha);
      if (refused === null) {
        report.push(`## Without ${removed}`, '', 'Nothing is refused.', '');
        continue;
      }
      expect(place.effects()).not.toContain('deploy');
      expect(place.truth().serves).toBe(place.shas[0]);
      expect(refused).toMatchObject({ type: 'Misconfigured', final: true });
      const text = refused.text
        .replaceAll(sha.slice(0, 7), 'SHA')
        .replaceAll(/build \S+-\d+/g, 'build ID');
      report.push(`## Without ${removed}`, '', `Refused at "${refused.step}": ${text}`, '');
    }
    place.northflank.rule({ role: all });
    expect(await attempt(place, sha)).toBe(null);
    expect(place.truth().serves).toBe(place.shas[0]);
    await expect(report.join('\n')).toMatchFileSnapshot(
      `permissions-${version}-${forbiddenStatus}.md`,
    );
  });
});

test('the table in the documentation is the table of the product', () => {
  const url = new URL('../../../../docs/platforms.md', import.meta.url);
  const rows = readFileSync(url, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && line.includes(' > '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(
    Object.values(permissions).map(({ name, newer, access, use }) => [
      name,
      newer ?? 'the same',
      access,
      use,
    ]),
  );
});

test('a name for people tells the older and the newer name', () => {
  expect(permissionName('read')).toBe('"Project > Services > General > Read"');
  expect(permissionName('build')).toBe(
    '"Project > Services > Deployment > Deploy Build" (newer roles call it "Project > Services > General > Update")',
  );
});
