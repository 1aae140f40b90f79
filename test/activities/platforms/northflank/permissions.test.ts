import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctor } from '../../../../activities/platforms/northflank/doctor.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import type { Config } from '../../../../domain/config/config.ts';
import {
  permissions,
  permissionName,
  tokens,
} from '../../../../domain/platforms/northflank/permissions.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
import type { Version } from '../../../../sandbox/platforms/northflank/permissions.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { textOf } from '../../../permissions/rows.ts';
import type { Row, Told as Rows } from '../../../permissions/rows.ts';
import { token } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
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

const told: Rows = {};
/** Only some refusals with 401 name the id of the permission. */
const withoutId = (row: Row) =>
  JSON.parse(
    JSON.stringify(row)
      .replaceAll(/\(40[13]\)/g, '')
      .replaceAll(/ Northflank names \\"[\w-]+\\"\./g, ''),
  ) as Row;

/** What the doctor says about the place: the texts of its problems. */
async function doctorSays({ target }: NorthflankPlace): Promise<string> {
  const production = { ...target, requiredVariables: ['GATEWAY_TOKEN'] };
  const gateway = { branch: 'main', github: null, environments: { production } };
  const config = { projects: { gateway } } as unknown as Config;
  const deps = { secret: () => token, isSet: () => true };
  const findings = await Promise.all(doctor(placesOn(config, 'northflank'), deps));
  return findings
    .flatMap(({ state, text }) => (state === 'problem' ? [text] : []))
    .join('\n')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
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
    const report: Row[] = [];
    const writes = all.filter((one) => !/Read$|View/.test(one));
    const order = [...writes, ...all.filter((one) => !writes.includes(one))];
    for (const removed of order) {
      place.northflank.rule({ role: all.filter((one) => one !== removed) });
      place.board.effects.length = 0;
      const refused = await attempt(place, sha);
      if (refused === null) {
        report.push({ permission: removed, doctor: '', plan: '', deploy: '' });
        continue;
      }
      expect(place.effects()).not.toContain('deploy');
      expect(place.truth().serves).toBe(place.shas[0]);
      expect(refused).toMatchObject({ type: 'Misconfigured', final: true });
      const text = refused.text
        .replaceAll(sha.slice(0, 7), 'SHA')
        .replaceAll(/build \S+-\d+/g, 'build ID');
      const isPlan = refused.step.startsWith('gate: ');
      report.push({
        permission: removed,
        doctor: await doctorSays(place),
        plan: isPlan ? text : '',
        deploy: isPlan ? 'Not started.' : `Stopped at "${refused.step}": ${text}`,
      });
    }
    place.northflank.rule({ role: all });
    expect(await attempt(place, sha)).toBe(null);
    expect(place.truth().serves).toBe(place.shas[0]);
    const kind = tokens[version === '0.9' ? 0 : 1]!.name;
    // The first status makes the rows. The other status must make the same rows.
    told[kind] ??= report;
    expect(report.map(withoutId)).toEqual(told[kind].map(withoutId));
  });
});

test('the documented permissions are those that the routes of the stand-in need', () => {
  for (const [index, version] of (['0.9', '0.11'] as const).entries())
    expect(tokens[index]!.permissions.map(({ name }) => name).toSorted()).toEqual(
      allPermissions(version).toSorted(),
    );
});

test('the rows are those of docs/permissions.md', async () => {
  const { text, file } = await textOf('northflank', told);
  await expect(text).toMatchFileSnapshot(file);
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
