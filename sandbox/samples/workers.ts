import { readFileSync } from 'node:fs';
import type { FileTree } from './samples.ts';

/** The behaviour of the sample worker. The worker reads these settings from its release.json. */
type Behaviour = {
  name: string;
  /** Paths on which the worker always throws. */
  throwOn?: string[];
  /** The percentage of the requests that throw. Requests to /health and /version do not throw. */
  throwPercent?: number;
  /** After this many requests, the worker throws on every path except /health and /version. */
  throwAfter?: number;
  /**
   * The address of another service. Every request to a critical path first requests this address.
   * If the service does not answer with a success status, the critical path answers 502.
   */
  needs?: string;
};

/** Returns the critical paths of a worker. */
export const pathsOf = (worker: string) =>
  ['/', '/login', worker === 'agency-router' ? '/route' : '/tasks'] as const;

const source = () => readFileSync(new URL('./worker.js', import.meta.url), 'utf8');
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Returns the configuration of wrangler. Through the binding RELEASE, the worker can read the id
 * and the tag of its own version.
 */
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

/** The file trees of a small Cloudflare Worker in workers/<name>. Each tree is one release. */
export const workers = {
  good: (worker: string, n = 1) => tree(worker, { name: `good ${n}` }),
  /** Makes a release that builds and starts, but throws on its second critical path. */
  throwsOnLogin: (worker: string) => tree(worker, { name: 'throws on login', throwOn: ['/login'] }),
  throwsForSome: (worker: string, percent = 30) =>
    tree(worker, { name: `throws for ${percent} %`, throwPercent: percent }),
  /** Makes a healthy release. If a request to `url` fails, its critical paths fail too. */
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
  /**
   * Makes a release with a Durable Object class. The first migration adds the class, and the second
   * migration renames it.
   */
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
  /** Makes a good release that also sets a schedule. */
  scheduled: (worker: string, n = 1) =>
    tree(worker, { name: `scheduled ${n}` }, { triggers: { crons: ['0 6 * * *'] } }),
  /** Makes a good release that also sets routes. */
  routed: (worker: string, routes: unknown[], n = 1) =>
    tree(worker, { name: `routed ${n}` }, { routes }),
};
