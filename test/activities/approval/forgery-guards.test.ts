import { expect, test } from 'vitest';
import { attacks } from '../../support/attacks.ts';
import { forgeries } from './forgery-without.ts';

const succeedWith = forgeries();

test('with every guard in its place none succeeds', async () => {
  expect(await succeedWith([], attacks)).toEqual([]);
});

test.each(attacks)('$name: succeeds without its guard', async (attack) => {
  expect(await succeedWith(attack.guard, [attack])).toEqual([attack.name]);
});
