import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folders = ['activities', 'bin', 'client', 'domain', 'worker', 'workflows'];
const sources = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root }));

/** Modules that open connections or listen. */
const modules =
  'undici|node:https?|node:http2|node:tls|node:net|node:dgram|nodemailer|pg|node-ssh|ssh2|ws|got|axios';
const imported = new RegExp(
  `^import (?!type\\b)[^;]*?from '(${modules})'|import\\('(${modules})'\\)|require\\('(${modules})'\\)`,
  'gm',
);

/**
 * Every file of the product that may open connections or listen, with its modules. Each of these
 * files limits time and bytes, and judges addresses where a release or a platform names them. A new
 * file here needs the same limits, and a test in test/attacks.
 */
const allowed = {
  'activities/builds/at-builder.ts': ['node:net'],
  'activities/builds/gateway.ts': ['node:http', 'node:net', 'node:tls'],
  'activities/builds/inside.mjs': ['node:net'],
  'activities/builds/serve.ts': ['node:net'],
  'activities/ledger/postgres-store.ts': ['pg'],
  'activities/lib/http.ts': ['undici'],
  'activities/lib/safe-fetch/guarded-agent.ts': ['node:net', 'undici'],
  'activities/lib/safe-fetch/pinned-connector.ts': ['node:tls', 'undici'],
  'activities/lib/safe-fetch/public-address.ts': ['node:net'],
  'activities/lib/safe-fetch/safe-fetch.ts': ['undici'],
  'activities/page/mail.ts': ['nodemailer'],
  'activities/platforms/vps/ssh/connect.ts': ['node-ssh'],
  'activities/platforms/vps/ssh/credentials.ts': ['ssh2'],
  'worker/doors/listen.ts': ['node:http'],
  'worker/doors/web/http-server.ts': ['node:http', 'node:https'],
  'worker/doors/web/rates.ts': ['node:net'],
  'worker/doors/web/web-door.ts': ['node:tls'],
  'worker/engine/free-port.ts': ['node:net'],
  'worker/engine/ui-proxy.ts': ['node:http'],
  'worker/engine/until-ready.ts': ['node:net'],
};

test('only files with limits open connections or listen', () => {
  const found = sources.flatMap((file) => {
    const text = readFileSync(`${root}/${file}`, 'utf8');
    const names = [...text.matchAll(imported)].map(([, a, b, c]) => a ?? b ?? c ?? '');
    return names.length === 0 ? [] : [[file, [...new Set(names)].toSorted()] as const];
  });
  expect(Object.fromEntries(found.toSorted(([a], [b]) => a.localeCompare(b)))).toEqual(allowed);
});

test('only the client of the door uses the fetch of Node, and it limits the answer itself', () => {
  const { overrides } = JSON.parse(readFileSync(`${root}/.oxlintrc.json`, 'utf8')) as {
    overrides: { files: string[]; rules: Record<string, unknown> }[];
  };
  const off = overrides.filter(({ rules }) => rules['no-restricted-globals'] === 'off');
  expect(off.flatMap(({ files }) => files)).toEqual(['client/session/door/transport.ts']);
});

test('nobody reaches the fetch of Node around the lint rule', () => {
  const around = /globalThis\s*(\.|\[\s*['"])fetch\b(?!\s*[;>)=])|global\.fetch/;
  const found = sources.filter((file) => around.test(readFileSync(`${root}/${file}`, 'utf8')));
  expect(found).toEqual([]);
});
