import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { composeActivities } from '../../worker/compose.ts';
import { newSealKey } from '../../worker/seal/new-key.ts';
import { configOf } from './doctor/doctor-fixture.ts';

const { key, publicKey } = newSealKey();
const directory = mkdtempSync(join(tmpdir(), 'compose-'));
const config = configOf({
  top: {
    ledger: join(directory, 'ledger.db'),
    seal: { key: 'env:PLIMSOLL_SEAL', public: [publicKey] },
  },
});

afterEach(() => vi.unstubAllEnvs());

test('a worker seals with the configured key', async () => {
  vi.stubEnv('XDG_DATA_HOME', directory);
  vi.stubEnv('XDG_CACHE_HOME', directory);
  vi.stubEnv('PLIMSOLL_SEAL', key);
  const { seals, close } = await composeActivities(config, { address: 'temporal.example:7233' });
  expect(seals.whyInvalid('plan', 1, seals.seal('plan', 1))).toBeNull();
  await close();
});

test('a worker without its key names the variable', async () => {
  vi.stubEnv('XDG_DATA_HOME', directory);
  vi.stubEnv('XDG_CACHE_HOME', directory);
  await expect(composeActivities(config)).rejects.toThrow(
    'The worker\'s environment has no PLIMSOLL_SEAL, which the configuration reads as "env:PLIMSOLL_SEAL".',
  );
});
