import { describe, test } from 'vitest';
import { spoils } from '../../support/spoiler.ts';
import type { Spoil } from '../../support/spoiler.ts';
import { expectClosedGates, useBadAnswers } from './bad-answers.ts';

const all = Object.keys(spoils) as Spoil[];
const perCall = 2;
/** Every call gets two bad answers in turn, so that each bad answer is given to several calls. */
const inTurn = (call: number) => {
  const from = (call * perCall) % all.length;
  return all.slice(from, from + perCall);
};

useBadAnswers();

describe('a bad answer opens no gate', () => {
  test('for every call of every gate', { timeout: 120_000 }, async () => {
    await expectClosedGates(inTurn);
  });
});
