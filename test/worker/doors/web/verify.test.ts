import { expect, test } from 'vitest';
import { createVerifier } from '../../../../worker/doors/web/verify.ts';
import { keys, signedLogin, startDoor } from '../../../support/door.ts';
import { signedCalls, signedInput } from '../../../support/door-calls.ts';
import type { SignedCall } from '../../../support/door-calls.ts';

test('a flood of forged logins delays no decision', async () => {
  const { url: origin, config, close } = await startDoor();
  const ledger = { find: async () => null };
  const verify = createVerifier({ config: () => config, ledger, origin });
  const genuine = signedLogin(origin, 'ana', keys.ana);
  const forged = { ...genuine, login: { ...genuine.login, nonce: '0'.repeat(32) } };
  const codes = Array.from({ length: 120 }, () =>
    verify.login(forged).then(
      () => 'ok',
      ({ code }: { code: string }) => code,
    ),
  );
  const { signed } = signedInput(signedCalls['decide'] as SignedCall) as { signed: never };
  expect(await verify.decision(signed, 'ana')).toBeUndefined();
  const counts = Map.groupBy(await Promise.all(codes), (code) => code);
  expect([...counts].map(([code, all]) => [code, all.length])).toEqual([
    ['bad-signature', 32],
    ['busy', 88],
  ]);
  await close();
});
