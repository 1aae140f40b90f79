import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Paths and contents of a commit. */
export type FileTree = Record<string, string>;

/** What the sample service does, as its release.json says it. */
type Behaviour = {
  name: string;
  /** Critical paths answer 500 after this many rounds of probes (one round asks /pay once). */
  failAfterProbes?: number;
  failAfterMs?: number;
  crashAtStart?: boolean;
  neverHealthy?: boolean;
  wrongPort?: boolean;
  errorsOnly?: boolean;
  /** Its critical paths fail while this address does not answer 200. */
  needs?: string;
  /** Its critical paths answer so much later. */
  slowMs?: number;
};

const server = () => readFileSync(new URL('./samples/server.mjs', import.meta.url), 'utf8');

const tree = (behaviour: Behaviour): FileTree => ({
  'server.mjs': server(),
  'release.json': `${JSON.stringify(behaviour, null, 2)}\n`,
  'README.md': `# Sample shop\n\n${behaviour.name}\n`,
});

/** Looks like a GitHub token and never was one; put together here so that no file of ours holds it. */
export const plantedSecret = ['ghp', `${'a1B2c3D4e5'.repeat(3)}F6g7H8`].join('_');

/** File trees of a small HTTP service; each is one release. */
export const samples = {
  good: (n = 1): FileTree => tree({ name: `good ${n}` }),
  /** As good as what it needs. */
  needs: (url: string, n = 1): FileTree => tree({ name: `good ${n}`, needs: url }),
  /** Good, but its critical paths answer only after `ms`. */
  slow: (ms: number): FileTree => tree({ name: 'slow', slowMs: ms }),
  /** Healthy, passes smoke, then its critical paths fail: after N rounds of probes, at any time scale. */
  failsLater: (afterProbes = 4): FileTree =>
    tree({ name: 'fails later', failAfterProbes: afterProbes }),
  /** The same after `ms`; FAIL_AFTER_MS in the service's environment overrides it. */
  failsAfterMs: (ms: number): FileTree => tree({ name: 'fails after a while', failAfterMs: ms }),
  crashesAtStart: (): FileTree => tree({ name: 'crashes at start', crashAtStart: true }),
  neverHealthy: (): FileTree => tree({ name: 'never healthy', neverHealthy: true }),
  wrongPort: (): FileTree => tree({ name: 'wrong port', wrongPort: true }),
  /** Answers 200 everywhere; its log fills with errors. */
  errorsOnly: (): FileTree => tree({ name: 'errors only', errorsOnly: true }),
  plantedSecret: (): FileTree => ({
    ...tree({ name: 'planted secret' }),
    'config/deploy.json': `${JSON.stringify({ githubToken: plantedSecret }, null, 2)}\n`,
  }),
};

/** The same release as an image: built by docker compose, tagged by IMAGE_TAG. */
export const composed = (files: FileTree, run = 'true'): FileTree => ({
  ...files,
  Dockerfile: `FROM node:24\nWORKDIR /app\nCOPY . .\nRUN ${run}\nCMD ["node", "server.mjs"]\n`,
  'compose.yaml': [
    'services:',
    '  web:',
    '    build: .',
    '    image: acme/shop:${IMAGE_TAG}',
    '    environment:',
    '      RELEASE_SHA: ${IMAGE_TAG}',
    '',
  ].join('\n'),
});

/** Writes a tree below `directory`; files of an earlier tree that it does not name stay. */
export function writeTree(directory: string, files: FileTree) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}
