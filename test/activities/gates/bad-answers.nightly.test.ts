import { describe, expect, test } from 'vitest';
import { spoils } from '../../support/spoiler.ts';
import type { Spoil } from '../../support/spoiler.ts';
import { expectClosedGates, useBadAnswers } from './bad-answers.ts';

const all = Object.keys(spoils) as Spoil[];

useBadAnswers();

describe('a bad answer opens no gate', () => {
  test('for every bad answer to every call of every gate', { timeout: 300_000 }, async () => {
    await expect(await expectClosedGates(() => all)).toMatchFileSnapshot('bad-answers.md');
  });
});
