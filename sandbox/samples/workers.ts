import { readFileSync } from 'node:fs';
import type { FileTree } from '../samples.ts';

/** What the sample worker does, as its release.json says it. */
type Behaviour = {
  name: string;
  /** Throw on these paths, always. */
  throwOn?: string[];
  /** Throw on this share of all requests but /health and /version. */
  throwPercent?: number;
  /** Throw on everything but /health and /version after this many requests. */
  throwAfter?: number;
  /** Its critical paths fail while this address does not answer 200. */
  needs?: string;
};

/** The critical paths of a worker: core, auth, and what it is for. */
export const pathsOf = (worker: string) =>
  ['/', '/login', worker === 'agency-router' ? '/route' : '/tasks'] as const;

const source = () => readFileSync(new URL('./worker.js', import.meta.url), 'utf8');
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** RELEASE is what Cloudflare says of the version that answers: its id and its tag. */
const wranglerConfig = (worker: string, more: object) => ({
  name: worker,
  main: 'src/index.js',
  compatibility_date: '2026-01-01',
  workers_dev: true,
  preview_urls: true,
  version_metadata: { binding: 'RELEASE' },
  vars: { GREETING: 'hello' },
  ...more,
});

const tree = (worker: string, behaviour: Behaviour, more: object = {}): FileTree => ({
  [`workers/${worker}/src/index.js`]: source(),
  [`workers/${worker}/release.json`]: json({ ...behaviour, worker, paths: pathsOf(worker) }),
  [`workers/${worker}/wrangler.jsonc`]: json(wranglerConfig(worker, more)),
});

const classes = { 1: 'Counter', 2: 'Tally' } as const;
const migrations = [
  { tag: 'v1', new_sqlite_classes: ['Counter'] },
  { tag: 'v2', renamed_classes: [{ from: 'Counter', to: 'Tally' }] },
];
const object = (name: string) => `
export class ${name} {
  fetch() {
    return new Response('0');
  }
}
`;

/** File trees of a small Cloudflare Worker in workers/<name>; each is one release. */
export const workers = {
  good: (worker: string, n = 1) => tree(worker, { name: `good ${n}` }),
  /** Builds and starts; its second critical path throws. */
  throwsOnLogin: (worker: string) => tree(worker, { name: 'throws on login', throwOn: ['/login'] }),
  throwsForSome: (worker: string, percent = 30) =>
    tree(worker, { name: `throws for ${percent} %`, throwPercent: percent }),
  /** As good as what it needs. */
  needs: (worker: string, url: string, n = 1) => tree(worker, { name: `good ${n}`, needs: url }),
  throwsLater: (worker: string, requests = 20) =>
    tree(worker, { name: 'throws later', throwAfter: requests }),
  doesNotBuild: (worker: string): FileTree => ({
    ...tree(worker, { name: 'does not build' }),
    [`workers/${worker}/src/index.js`]: `import './missing.js';\n${source()}`,
  }),
  doesNotStart: (worker: string): FileTree => ({
    ...tree(worker, { name: 'does not start' }),
    [`workers/${worker}/src/index.js`]: `${source()}\nthrow new Error('no configuration');\n`,
  }),
  /** With a Durable Object class, which a migration brings; the second renames it. */
  migrates: (worker: string, n: 1 | 2 = 1): FileTree => ({
    ...tree(
      worker,
      { name: `migrates ${n}` },
      {
        durable_objects: { bindings: [{ name: 'COUNTER', class_name: classes[n] }] },
        migrations: migrations.slice(0, n),
      },
    ),
    [`workers/${worker}/src/index.js`]: `${source()}${object(classes[n])}`,
  }),
  /** Sets a schedule, too. */
  scheduled: (worker: string, n = 1) =>
    tree(worker, { name: `scheduled ${n}` }, { triggers: { crons: ['0 6 * * *'] } }),
};
