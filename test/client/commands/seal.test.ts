import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seal } from '../../../client/commands/seal.ts';
import type { SealOptions } from '../../../client/commands/seal.ts';
import { makeKeyFile, sealKeyPath } from '../../../worker/seal/key-file.ts';
import { newSealKey } from '../../../worker/seal/new-key.ts';
import { openSeals, publicSealKeys } from '../../../worker/seal/open-seals.ts';
import { recordedIo } from '../../support/io.ts';
import { configText } from '../../worker/doctor/doctor-fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'plimsoll-seal-'));
let files = 0;
const file = (top: Record<string, unknown>) => {
  const path = join(directory, `${(files += 1)}.yaml`);
  writeFileSync(path, configText({ top }));
  return path;
};
const data = () => ({ XDG_DATA_HOME: mkdtempSync(join(directory, 'data-')) });

async function run(options: SealOptions, env: NodeJS.ProcessEnv) {
  const io = recordedIo({ env });
  const code = await seal(io, options);
  return { code, out: io.stdout.join('\n'), said: io.stderr.join('\n') };
}
const failure = (options: SealOptions, env: NodeJS.ProcessEnv) =>
  run(options, env).then(
    ({ code }) => `exit ${code}`,
    (cause: Error) => cause.message,
  );

const steps = (
  publicKey: string,
) => `The line above is the private key of the workers. It is not stored anywhere: put it into your secret store.
1. Add these lines to plimsoll.yaml:
seal:
  key: env:PLIMSOLL_SEAL
  public:
    - ${publicKey}
2. Set PLIMSOLL_SEAL to the private key where each worker is started.
3. Start the workers again: plimsoll worker`;

it('prints a key that a worker accepts, and the steps', async () => {
  const { code, out, said } = await run({ config: file({}), new: true }, data());
  expect(code).toBe(0);
  const [, key = ''] = /^PLIMSOLL_SEAL=(\S{64})$/.exec(out) ?? [];
  const config = { sandbox: false, seal: { key: 'env:PLIMSOLL_SEAL', public: [] } };
  const { own } = await publicSealKeys(config, { PLIMSOLL_SEAL: key });
  expect(said).toBe(steps(own!));
});

it('keeps the earlier key valid in the steps of a rotation', async () => {
  const earlier = newSealKey();
  const config = file({ seal: { key: 'env:KEY', public: [earlier.publicKey] } });
  const { out, said } = await run({ config, new: true }, {});
  const key = out.replace('KEY=', '');
  const { own } = await publicSealKeys(
    { sandbox: false, seal: { key: 'env:KEY', public: [] } },
    { KEY: key },
  );
  expect(said)
    .toBe(`The line above is the next private key of the workers. It is not stored anywhere: put it into your secret store.
1. Change these lines in plimsoll.yaml, and start all workers again. They still seal with the earlier key:
seal:
  key: env:KEY
  public:
    - ${own}
    - ${earlier.publicKey}
2. Set KEY to the new private key where each worker is started, and start all workers again.
3. When no deploy from before step 2 is open, remove the earlier key from seal.public, and start all workers again.`);
});

it('shows the keys of the key file, and rotates it', async () => {
  const env = data();
  const config = file({});
  const path = sealKeyPath({ sandbox: true }, env);
  expect(await failure({ config }, env)).toBe(
    `There is no key of the workers in ${path} yet.
On one machine, the first worker makes it: plimsoll up
For several workers, make a key: plimsoll seal --new`,
  );
  await makeKeyFile(path);
  const before = await openSeals({ sandbox: true }, { env });
  const { own: first } = await publicSealKeys({ sandbox: true }, env);
  expect((await run({ config }, env)).out).toBe(
    `The workers of this machine seal with the key in ${path}.
Seals of these public keys are valid:
${first} (seals now)`,
  );
  const rotated = await run({ config, rotate: true }, env);
  const { own: second } = await publicSealKeys({ sandbox: true }, env);
  expect(rotated.out).toBe(
    `The key in ${path} is new, and seals of the earlier key stay valid. Its public key is:
${second}
Start all workers of this machine again, so that they seal with the new key: plimsoll up
When no deploy from before is open, remove the earlier key, which is the last line: ${path}`,
  );
  const after = await openSeals({ sandbox: true }, { env });
  expect(after.whyInvalid('plan', 1, before.seal('plan', 1))).toBeNull();
});

it('shows the lines that clients need', async () => {
  const { key, publicKey } = newSealKey();
  expect((await run({ config: file({ seal: 'env:KEY' }) }, { KEY: key })).out).toBe(
    `The workers of this machine seal with the key in KEY.
Seals of these public keys are valid:
${publicKey} (seals now)
Clients cannot check seals yet. Change plimsoll.yaml:
seal:
  key: env:KEY
  public:
    - ${publicKey}`,
  );
  const listed = file({ seal: { key: 'env:KEY', public: [publicKey] } });
  expect((await run({ config: listed }, {})).out).toBe(
    `The private key of the workers (KEY) is not on this machine.
Seals of these public keys are valid:
${publicKey}`,
  );
});

it('does not rotate a file that no worker uses', async () => {
  expect(await failure({ config: file({ seal: 'env:KEY' }), rotate: true }, data())).toBe(
    `plimsoll.yaml has the key "seal", so the workers do not use a key file. Nothing was changed.
Make a new key, and follow the steps that are printed: plimsoll seal --new`,
  );
});
