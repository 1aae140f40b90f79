import {
  chmodSync,
  globSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { isRevoked } from '../../activities/approval/signatures/revoked.ts';
import { signWith } from '../../activities/approval/signatures/sign.ts';
import { verifySignature } from '../../activities/approval/signatures/signatures.ts';
import { thisMachine } from '../../activities/builds/choose.ts';
import { runGit } from '../../activities/git/run.ts';
import { mustRun, startProcess } from '../../activities/lib/process.ts';
import { routeTo } from '../../activities/platforms/vps/ssh/client-config.ts';
import { openOwnClient } from '../../activities/platforms/vps/ssh/own-client.ts';
import { openProxy } from '../../activities/platforms/vps/ssh/proxy.ts';
import { detect, identityBeside } from '../../client/init/detect.ts';
import { scanHostKey } from '../../client/init/host-key.ts';
import { signPayload } from '../../client/sign/sign.ts';
import { programs } from '../../worker/doctor/programs.ts';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import { findTemporal } from '../../worker/engine/temporal-binary.ts';
import { recordedIo } from '../support/io.ts';
import { makeKey } from '../support/keys.ts';

/**
 * A worker has the workers' key and all tokens in its environment. Every program that it starts would
 * inherit them: git and its helpers, ssh and its proxies, the Temporal server and its Web UI. On
 * Linux, another program of the same user could then read them in /proc.
 */

const planted = { PLIMSOLL_SEAL_KEY: 'planted-seal', GITHUB_TOKEN: 'planted-token' };
const directory = mkdtempSync(join(tmpdir(), 'plimsoll-children-'));
const names = ['git', 'ssh', 'ssh-keygen', 'ssh-keyscan', 'temporal', 'go', 'bwrap'];

beforeAll(() => {
  for (const [name, value] of Object.entries(planted)) vi.stubEnv(name, value);
  vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
  vi.stubEnv('LC_TIME', 'de_AT.UTF-8');
  for (const name of names) {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\nenv >"${directory}/${name}.$$.env"\necho server 1\n`);
    chmodSync(path, 0o755);
  }
});
beforeEach(() => {
  for (const name of seen()) writeFileSync(join(directory, name), '');
});
afterAll(() => vi.unstubAllEnvs());

const seen = () => readdirSync(directory).filter((name) => name.endsWith('.env'));
const program = (name: string) => join(directory, name);
const key = makeKey();
const host = {
  ...{ host: 'one.example', port: 22, user: 'deploy' },
  ...{ name: 'one', url: 'https://one.example', hostKey: `SHA256:${'A'.repeat(43)}` },
};
const stop = async (started: Promise<{ exited: Promise<unknown> }>) => (await started).exited;
// Before the fake programs are on the PATH.
const signature = key.sign({}, 'test');

/** Every kind of child of the product. Each fake program fails or answers nonsense. */
const kinds: Record<string, { starts: string; run: () => unknown }> = {
  git: { starts: 'git', run: () => runGit(['status']) },
  'the route of ssh': { starts: 'ssh', run: () => routeTo(host, null) },
  'a proxy of ssh': { starts: 'ssh', run: () => openProxy({ argv: ['ssh'], shown: 'it' }) },
  'the client of ssh': { starts: 'ssh', run: () => openOwnClient({ host, identity: null }) },
  'a signature of the worker': {
    starts: 'ssh-keygen',
    run: () => signWith({ key: '/k', make: '' }, {}, 'test', program('ssh-keygen')),
  },
  'a check of a signature': {
    starts: 'ssh-keygen',
    run: () =>
      verifySignature({
        ...{ payload: {}, signature, namespace: 'test', keys: [key.publicKey] },
        program: program('ssh-keygen'),
      }),
  },
  'a check of a revoked key': {
    starts: 'ssh-keygen',
    run: () =>
      isRevoked({ type: 'ssh-ed25519', publicKey: 'AAAA' }, ['/krl'], program('ssh-keygen')),
  },
  'a signature of a person': {
    starts: 'ssh-keygen',
    run: () =>
      signPayload({
        payload: {},
        keyPath: '/k',
        namespace: 'test',
        program: program('ssh-keygen'),
      }),
  },
  'init in a repository': { starts: 'git', run: () => detect(recordedIo({}), directory) },
  'init with a key': { starts: 'ssh-keygen', run: () => identityBeside('/k.pub') },
  'init with a host': { starts: 'ssh-keyscan', run: () => scanHostKey('deploy@one.example') },
  'the checks of doctor': { starts: 'git', run: () => Promise.all(programs()) },
  'the search for the Temporal server': { starts: 'temporal', run: () => findTemporal() },
  'the Temporal server and its Web UI': {
    starts: 'temporal',
    run: () => startDevServer({ binary: program('temporal') }),
  },
  'a long process': { starts: 'go', run: () => stop(startProcess('go', [])) },
  'a short process': { starts: 'go', run: () => mustRun('go', [], { timeoutMs: 10_000 }) },
  'the search for an isolation': { starts: 'bwrap', run: () => thisMachine().attempt(['bwrap']) },
};

test.each(Object.entries(kinds))('%s sees no secret of the worker', async (_, { starts, run }) => {
  await Promise.resolve(run()).catch(() => {});
  const texts = () =>
    seen()
      .filter((name) => name.startsWith(`${starts}.`))
      .map((name) => readFileSync(join(directory, name), 'utf8'))
      .filter((text) => text !== '');
  await expect.poll(() => texts().join('\n')).toContain('LC_TIME=de_AT.UTF-8');
  expect(texts().join('\n')).not.toContain('planted');
});

/** The files that may start processes or threads, each with the reason. */
const mayStart: Record<string, string> = {
  'activities/lib/child.ts': 'needs the whole environment of the child',
  'activities/lib/execa-child.ts': 'needs the whole environment of the child',
  'activities/builds/inside.mjs': 'runs in the sandbox, which has only the variables of its build',
  'activities/gates/reports/off-thread.ts': 'gives its thread an empty environment',
  'activities/gates/reports/thread.ts': 'is this thread',
};

test('only these files start processes and threads', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const files = globSync('{activities,client,domain,worker,workflows}/**/*.{ts,mjs}', {
    cwd: root,
  });
  expect(files.length).toBeGreaterThan(300);
  const starting = files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/^import type [^;]*;$/gm, '');
    return /(['"])(?:node:)?(?:child_process|worker_threads|cluster|execa)\1/.test(text);
  });
  expect(starting.toSorted()).toEqual(Object.keys(mayStart).toSorted());
  const whole = files.filter((file) =>
    /\.\.\.process\.env|(?:entries|assign)\([^)]*process\.env/.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  );
  // This file runs inside the isolation, so its environment is the one that the worker chose.
  expect(whole).toEqual(['activities/builds/inside.mjs']);
});
