import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { withLock } from '../../worker/engine/lock.mjs';
import { up } from '../../worker/up.ts';

// `up` sets the umask of the whole process, and other files of tests share this process.
const umask = process.umask();
afterEach(() => void process.umask(umask));

test('a second up on the same data says so in one sentence, and starts nothing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'up-'));
  const dataFile = join(root, 'temporal.db');
  const configPath = join(root, 'plimsoll.yaml');
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${'A'.repeat(42)}`;
  writeFileSync(
    configPath,
    `authorship: git
approvers: { ana: { keys: ['${key}'], emails: ['ana@example.com'] }, ben: { keys: ['${key.replace(/A{42}$/, 'B'.repeat(42))}'], emails: ['ben@example.com'] } }
projects:
  shop:
    repository: git@github.com:acme/shop.git
    tests: { required: [test] }
    environments:
      production:
        platform: vps
        hosts: [{ address: deploy@10.0.0.1, hostKey: 'SHA256:${'x'.repeat(43)}', url: 'http://10.0.0.1' }]
        directory: /srv/shop
        service: shop
        health: http://localhost:3000/healthz
        smoke: { auth: /login, payments: 'n/a: nothing is sold', core: / }
`,
  );
  const fail = () => {
    throw new Error('it started');
  };
  await withLock(`${dataFile}.lock`, async () => {
    const second = up({ configPath, dataFile, onProgress: fail, onReady: fail });
    await expect(second).rejects.toThrow(
      new UserError(
        `"${plimsoll} up" runs already on ${dataFile} (process ${process.pid}), so this command did not start.\n` +
          `Use the running command, or end it with Ctrl-C. A second command needs its own file: ${plimsoll} up --data <path>`,
      ),
    );
  });
  rmSync(root, { recursive: true, force: true });
});
