import { describe, expect, test } from 'vitest';
import { flagCause, flagDeadline, keepRule, readFlag } from '../../../domain/incident/flag.ts';
import { blamesRelease, severity } from '../../../domain/incident/incident.ts';
import { planFor } from '../../support/plan.ts';

const at = '2026-01-01T02:00:00.000Z';

describe('what anybody sends as a flag', () => {
  test.each<[unknown, string, string]>([
    [{ text: 'customers cannot pay', who: 'casey' }, 'customers cannot pay', 'casey'],
    ['customers cannot pay', 'customers cannot pay', 'somebody'],
    [undefined, 'no text was given', 'somebody'],
    [null, 'no text was given', 'somebody'],
    [{ text: 7, who: {} }, 'no text was given', 'somebody'],
    [['x'], 'no text was given', 'somebody'],
    [
      { text: '\u001b[2J\u0007paid\r\n\u202etwice\u200b ' },
      String.raw`\u001B[2J\u0007paid \u202Etwice\u200B`,
      'somebody',
    ],
    [{ text: 'password=hunter2 is refused' }, 'password=… is refused', 'somebody'],
    [{ text: 'x', who: `ghp_${'a1B2c3D4e5'.repeat(4)}` }, 'x', '…'],
  ])('%j is shown on one line, and nothing of it is obeyed', (input, text, who) => {
    expect(readFlag(input, at)).toEqual({ text, who, at });
  });

  test('is bounded', () => {
    const { text, who } = readFlag({ text: 'ä b '.repeat(9999), who: 'n n'.repeat(99) }, at);
    expect([...text].length).toBeLessThanOrEqual(200);
    expect([...who].length).toBeLessThanOrEqual(63);
  });
});

test('whoever is asked has 15 minutes, counted from the question or from the flag', () => {
  const timing = { flagMs: 15 * 60_000 };
  const flags = [readFlag('x', at), readFlag('y', '2026-01-01T02:14:00.000Z')];
  const ends = (since: string) => flagDeadline(flags, since, timing);
  expect(ends('2026-01-01T01:00:00.000Z')).toBe(Date.parse('2026-01-01T02:15:00.000Z'));
  expect(ends('2026-01-01T02:05:00.000Z')).toBe(Date.parse('2026-01-01T02:20:00.000Z'));
  expect(flagDeadline([], at, timing)).toBe(null);
  expect(flagDeadline(undefined, at, timing)).toBe(null);
});

test('a rollback after a flag blames the release, and users met it', () => {
  const cause = flagCause(readFlag({ text: 'no', who: 'casey' }, at), 'nobody answered in time');
  expect(cause.detail).toBe(
    'a person flagged it: "no" (says casey, unsigned); nobody answered in time',
  );
  expect(blamesRelease(cause)).toBe(true);
  expect(severity(cause, 'rolled-back')).toBe('SEV2');
});

test('a keep needs a person, also where the deploy was automatic', () => {
  const { rule } = planFor();
  expect(keepRule({ rule: { ...rule, required: 0 } }).required).toBe(1);
  expect(keepRule({ rule: { ...rule, required: 2 } }).required).toBe(2);
});
