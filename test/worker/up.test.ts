import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { withLock } from '../../worker/engine/lock.mjs';
import { up } from '../../worker/up.ts';
import { practiceYaml } from '../support/up.ts';

// `up` sets the umask of the whole process, and other files of tests share this process.
const umask = process.umask();
afterEach(() => void process.umask(umask));

test('a second up on the same data says so in one sentence, and starts nothing', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'up-')));
  const dataFile = join(root, 'temporal.db');
  const configPath = join(root, 'plimsoll.yaml');
  writeFileSync(configPath, practiceYaml);
  const fail = () => {
    throw new Error('it started');
  };
  symlinkSync(dataFile, join(root, 'link.db'));
  await withLock(`${dataFile}.lock`, async () => {
    const given = { configPath, onProgress: fail, onReady: fail };
    const second = up({ ...given, dataFile: join(root, 'link.db') });
    await expect(second).rejects.toThrow(
      new UserError(
        `"${plimsoll} up" runs already on ${dataFile} (process ${process.pid}), so this command did not start.\n` +
          `Use the running command, or end it with Ctrl-C. A second command needs its own file: ${plimsoll} up --data <path>`,
      ),
    );
  });
  rmSync(root, { recursive: true, force: true });
});
