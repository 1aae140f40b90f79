import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of a commit, as path and content. */
export type FileTree = Record<string, string>;

/** The behaviour of the sample service. The service reads these settings from its release.json. */
type Behaviour = {
  name: string;
  /**
   * The critical paths answer 500 after /pay has had this many requests. Each round of probes
   * requests /pay once.
   */
  failAfterProbes?: number;
  failAfterMs?: number;
  crashAtStart?: boolean;
  neverHealthy?: boolean;
  wrongPort?: boolean;
  errorsOnly?: boolean;
  /**
   * The address of another service. Every request to a critical path first requests this address.
   * If the service does not answer with a success status, the critical path answers 502.
   */
  needs?: string;
  /** The delay of the critical paths, in milliseconds. */
  slowMs?: number;
};

const server = () => readFileSync(new URL('./server.mjs', import.meta.url), 'utf8');

const tree = (behaviour: Behaviour): FileTree => ({
  'server.mjs': server(),
  'release.json': `${JSON.stringify(behaviour, null, 2)}\n`,
  'README.md': `# Sample shop\n\n${behaviour.name}\n`,
});

/**
 * A text that looks like a GitHub token but is not a token. The code joins the text from parts, so
 * that no file of the repository contains the whole text.
 */
export const plantedSecret = ['ghp', `${'a1B2c3D4e5'.repeat(3)}F6g7H8`].join('_');

/** The file trees of a small HTTP service. Each tree is one release. */
export const samples = {
  good: (n = 1): FileTree => tree({ name: `good ${n}` }),
  /** Makes a healthy release. If a request to `url` fails, its critical paths fail too. */
  needs: (url: string, n = 1): FileTree => tree({ name: `good ${n}`, needs: url }),
  /** Makes a healthy release whose critical paths answer after `ms` milliseconds. */
  slow: (ms: number): FileTree => tree({ name: 'slow', slowMs: ms }),
  /**
   * Makes a healthy release that passes the smoke test. Its critical paths fail after `afterProbes`
   * rounds of probes, at any time scale.
   */
  failsLater: (afterProbes = 4): FileTree =>
    tree({ name: 'fails later', failAfterProbes: afterProbes }),
  /**
   * Makes a healthy release whose critical paths fail `ms` milliseconds after the start.
   * FAIL_AFTER_MS in the environment of the service overrides `ms`.
   */
  failsAfterMs: (ms: number): FileTree => tree({ name: 'fails after a while', failAfterMs: ms }),
  crashesAtStart: (): FileTree => tree({ name: 'crashes at start', crashAtStart: true }),
  neverHealthy: (): FileTree => tree({ name: 'never healthy', neverHealthy: true }),
  wrongPort: (): FileTree => tree({ name: 'wrong port', wrongPort: true }),
  /**
   * Makes a release that answers 200 on its critical paths, but logs an error for each of these
   * requests.
   */
  errorsOnly: (): FileTree => tree({ name: 'errors only', errorsOnly: true }),
  plantedSecret: (): FileTree => ({
    ...tree({ name: 'planted secret' }),
    'config/deploy.json': `${JSON.stringify({ githubToken: plantedSecret }, null, 2)}\n`,
  }),
};

/**
 * Adds a Dockerfile and a compose.yaml to a release. docker compose builds the image and tags it
 * with IMAGE_TAG.
 */
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

/** Writes the files into `directory`. Does not delete other files in this directory. */
export function writeTree(directory: string, files: FileTree) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}
