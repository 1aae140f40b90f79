import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './fixture.ts';
import { expectChangeIsSeen, hostWithOddNames, odd } from './odd-names.ts';

let host: Awaited<ReturnType<typeof hostWithOddNames>>;
beforeAll(async () => {
  host = await hostWithOddNames();
});
afterAll(() => host?.vpsFixture.stop());

test.each(odd)('a change of %j in the live release is seen', async (name) => {
  const { vpsFixture, sha } = host;
  const staged = await run(vpsFixture.vps.stageRelease, vpsFixture.step(sha));
  expect(staged).toEqual({ staged: 'already' });
  await expectChangeIsSeen(vpsFixture, sha, name);
});
