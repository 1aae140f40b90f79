import { describe, expect, test } from 'vitest';
import { guards, noReturn } from '../../../../activities/platforms/cloudflare/guards.ts';
import type { At } from '../../../../activities/platforms/cloudflare/place.ts';
import { rollbackReadyAt } from '../../../../activities/platforms/cloudflare/rollback-ready.ts';
import type { Git } from '../../../../activities/git/git.ts';
import { cloudflareTarget } from '../../../support/fake-cloudflare.ts';
import { plainBuilder } from '../../../support/builder.ts';

const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];
const host = 'cloudflare agency-router';
const path = 'workers/agency-router/wrangler.jsonc';
type Version = { number: number; tag: string | null; ofSecret?: boolean };

/**
 * A worker whose versions have the ids v1, v2, … and whose commits have the given wrangler files.
 * The version `live` has all traffic.
 */
function place(
  files: Record<string, Record<string, unknown> | Record<string, string>>,
  versions: Version[] = [{ number: 1, tag: before }],
  live = 1,
) {
  const facts = versions.map(({ number, tag, ofSecret = false }) => ({
    ...{ id: `v${number}`, number, tag, message: null, ofSecret, migrationTag: null },
    createdOn: `2026-03-0${number}T10:00:00Z`,
  }));
  const client = {
    verifyToken: async () => {},
    deployments: async () => [
      {
        id: 'd',
        createdOn: '',
        message: null,
        shares: [{ versionId: `v${live}`, percentage: 100 }],
      },
    ],
    versions: async () => facts.toReversed(),
    version: async (id: string) => facts.find((one) => one.id === id) ?? null,
    service: async () => ({ migrationTag: null, lastDeployedFrom: 'wrangler' }),
  };
  const readFile = async (_: string, sha: string, name: string) => {
    const { tree = {}, ...file } = files[sha] ?? {};
    const all = {
      'src/index.js': '',
      ...(tree as Record<string, string>),
      'wrangler.jsonc': json(file),
    };
    const inside = name.slice('workers/agency-router/'.length);
    return files[sha] === undefined ? null : ((all as Record<string, string>)[inside] ?? null);
  };
  const at = { target: cloudflareTarget, client } as unknown as At;
  const git = { readFile, treeOf: async () => '' } as unknown as Pick<Git, 'readFile' | 'treeOf'>;
  return { at, git, builder: plainBuilder };
}
const json = (value: unknown) => JSON.stringify(value);
const good = { name: 'agency-router', main: 'src/index.js' };
const planned = (env: string | null = null) => ({
  target: { ...cloudflareTarget, env },
  sha: after,
});
const problems = (file: Record<string, unknown>, env: string | null = null) =>
  guards(place({ [after]: { ...good, ...file } }), planned(env));

describe('a wrangler file', () => {
  test('that names each resource keeps no gate closed', async () => {
    expect(
      await problems({
        kv_namespaces: [{ binding: 'CACHE', id: '1' }],
        d1_databases: [{ binding: 'DB', database_id: '2', database_name: 'db' }],
        r2_buckets: [{ binding: 'FILES', bucket_name: 'files' }],
        queues: { producers: [{ binding: 'JOBS', queue: 'jobs' }], consumers: [{ queue: 'jobs' }] },
        workflows: [{ binding: 'ORDERS', name: 'orders', class_name: 'Orders' }],
      }),
    ).toEqual([]);
  });

  const made = (what: string, id: string, name: string, command: string) =>
    `${host}: ${path} has the ${what} binding ${name} without "${id}". wrangler would create a ${what} ` +
    `that no plan lists, so Plimsoll forbids it. Add "${id}" to the binding. To list the existing ones: ` +
    `npx wrangler ${command} list. To create one: npx wrangler ${command} create NAME.`;
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a KV namespace',
      { kv_namespaces: [{ binding: 'CACHE' }] },
      made('KV namespace', 'id', 'CACHE', 'kv namespace'),
    ],
    [
      'a database that has only a name',
      { d1_databases: [{ binding: 'DB', database_name: 'db' }] },
      made('D1 database', 'database_id', 'DB', 'd1'),
    ],
    [
      'a bucket',
      { r2_buckets: [{ binding: 'F' }] },
      made('R2 bucket', 'bucket_name', 'F', 'r2 bucket'),
    ],
    [
      'a queue',
      { queues: { producers: [{ binding: 'Q' }] } },
      made('queue', 'queue', 'Q', 'queues'),
    ],
    [
      'a Flagship app',
      { flagship: [{ binding: 'FLAGS' }] },
      `${host}: ${path} has the Flagship app binding FLAGS without "app_id". wrangler would create a ` +
        'Flagship app that no plan lists, so Plimsoll forbids it. Add "app_id" to the binding.',
    ],
    [
      'the namespace of Workers Sites',
      { site: { bucket: './public' } },
      `${host}: ${path} has "site" (Workers Sites). wrangler would create a KV namespace and write the files ` +
        'into it, but no plan lists these changes and no rollback removes them. Use "assets" instead of "site".',
    ],
    [
      'containers',
      { containers: [{ class_name: 'Box', image: './Dockerfile' }] },
      `${host}: ${path} has "containers". wrangler would build images and deploy containers, but no plan ` +
        'lists these changes and no rollback removes them. Move the containers to a Worker that Plimsoll does not deploy.',
    ],
  ])('with which wrangler would create %s', async (_, file, sentence) => {
    expect(await problems(file)).toEqual([sentence]);
  });

  test('is read for its environment, which inherits no binding', async () => {
    const env = { live: { name: 'agency-router', kv_namespaces: [{ binding: 'CACHE', id: '1' }] } };
    expect(await problems({ kv_namespaces: [{ binding: 'CACHE' }], env }, 'live')).toEqual([]);
    const draft = { live: { name: 'agency-router', kv_namespaces: [{ binding: 'CACHE' }] } };
    expect(await problems({ env: draft }, 'live')).toHaveLength(1);
  });

  const unbuilt = (main: string, example: string) =>
    `${host}: ${path} names the main file ${main}, but the commit does not contain it, and ${path} has no ` +
    'build.command that makes it. Plimsoll runs no other build, because the build must not get ' +
    `Cloudflare's token. Set build.command in ${path}, such as "${example}".`;
  test('whose main file nothing builds', async () => {
    expect(await problems({ main: 'dist/worker.js' })).toEqual([
      unbuilt('dist/worker.js', 'npm run build'),
    ]);
    const main = '.open-next/worker.js';
    expect(await problems({ main, tree: { 'open-next.config.ts': '' } })).toEqual([
      unbuilt(main, 'npx opennextjs-cloudflare build'),
    ]);
    expect(await problems({ main, build: { command: 'npm run build' } })).toEqual([]);
    expect(await problems({ main: './node_modules/app/index.js' })).toEqual([]);
  });
});

test('a commit with node_modules keeps the gate closed, and so does a machine without isolation', async () => {
  const on = place({ [after]: good });
  const treeOf = async (_: string, _sha: string, [path]: readonly string[] = []) =>
    path === 'workers/node_modules' ? 'a tree' : '';
  const builder = { isolation: async () => ({ kind: 'missing' as const, why: 'Install it.' }) };
  expect(await guards({ ...on, git: { ...on.git, treeOf }, builder }, planned())).toEqual([
    'Install it.',
    'The commit contains workers/node_modules. Plimsoll installs dependencies only as the lock file says. ' +
      'Remove the directory and add it to .gitignore: git rm -r --cached workers/node_modules',
  ]);
});

describe('Durable Objects in "exports"', () => {
  const exports = (...names: string[]) => ({
    ...good,
    exports: {
      default: { type: 'worker' },
      ...Object.fromEntries(
        names.map((name) => [name, { type: 'durable-object', storage: 'sqlite' }]),
      ),
    },
  });
  const stay =
    'Cloudflare does not bring renamed or deleted Durable Objects back, so Plimsoll does not roll back ' +
    'across such a change.';

  test('are not tried on a part of the traffic', async () => {
    const on = place({ [after]: exports('Counter') });
    const client = { ...on.at.client, subdomain: async () => ({ enabled: true, previews: true }) };
    const target = { ...cloudflareTarget, rollout: 'gradual' as const };
    const at = { ...on.at, target, client } as unknown as At;
    expect(await guards({ ...on, at }, { target, sha: after })).toEqual([
      `${host}: ${path} has Durable Objects. Cloudflare gives the versions of such a worker no address, ` +
        'so Plimsoll cannot test a version before it gets traffic. Use rollout: all-at-once.',
    ]);
  });

  test('that change leave no rollback, and the plan says so', async () => {
    const on = (old: object, now: object) =>
      noReturn(place({ [before]: { ...old }, [after]: { ...now } }), after);
    expect(await on(exports('A', 'B'), exports('B', 'A'))).toBe(null);
    expect(await on(exports('A'), good)).toBe(null);
    expect(await on(good, exports())).toBe(null);
    expect(await on(good, exports('A'))).toBe(
      `this release changes the Durable Objects that ${path} declares in "exports"; ${stay} So a failure needs a new release`,
    );
  });

  test('are those of the commit before, after a change of a secret', async () => {
    const files = { [before]: exports('A'), [after]: exports('A') };
    const versions = [
      { number: 1, tag: before },
      { number: 2, tag: null, ofSecret: true },
    ];
    expect(await noReturn(place(files, versions, 2), after)).toBe(null);
    const edited = [versions[0]!, { number: 2, tag: null }];
    expect(await noReturn(place(files, edited, 2), after)).toBe(
      `${path} declares Durable Objects in "exports", and it is unknown which ones the live version has, because its ` +
        `commit is unknown; ${stay} So a failure needs a new release`,
    );
  });

  test('that changed since make a version no rollback target', async () => {
    const files = { [before]: good, [after]: exports('A') };
    const versions = [
      { number: 1, tag: before },
      { number: 2, tag: after },
    ];
    const release = { id: 'r', sha: before, platformId: 'v1' };
    expect(await rollbackReadyAt(place(files, versions, 2), release)).toEqual([
      {
        host,
        present: false,
        gone:
          `${host}: version v1 was made before the Durable Objects in "exports" of wrangler's file changed. ` +
          `${stay} Choose another rollback target: --rollback-target live.`,
      },
    ]);
    const same = { ...files, [before]: exports('A') };
    expect(await rollbackReadyAt(place(same, versions, 2), release)).toEqual([
      { host, present: true },
    ]);
  });
});

test('a rollback target with other secrets is told to approvers', async () => {
  const versions = [
    { number: 1, tag: before },
    { number: 2, tag: null, ofSecret: true },
    { number: 3, tag: null, ofSecret: true },
  ];
  const release = { id: 'r', sha: before, platformId: 'v1' };
  expect(await rollbackReadyAt(place({ [before]: good }, versions, 3), release)).toEqual([
    {
      host,
      present: true,
      note:
        `${host}: the secrets were changed at 2026-03-02T10:00:00Z after version v1 was made; this version may ` +
        'run with their earlier values',
    },
  ]);
});
