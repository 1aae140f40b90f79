import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCostLine } from '../../../activities/budget/cost-line.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const line = (over: object = {}) => ({
  ...{ timestamp: '2026-11-24T10:00:00+02:00', agent: 'writer', model: 'm-1' },
  ...{ input_tokens: 1200, output_tokens: 300, cost_usd: 0.0123456 },
  ...over,
});
const read = (value: unknown) =>
  readCostLine(typeof value === 'string' ? value : JSON.stringify(value), now);

test('a line as it is written', () => {
  expect(read(line())).toEqual({
    ...{ at: '2026-11-24T08:00:00.000Z', agent: 'writer', model: 'm-1' },
    ...{ inputTokens: 1200, outputTokens: 300, micros: 12_346, why: null },
  });
});

test('tokens and model may be missing, and more may be there', () => {
  const { agent, timestamp } = line();
  expect(read({ agent, timestamp, cost_usd: 0, session: 'x' })).toMatchObject({
    ...{ model: null, inputTokens: 0, outputTokens: 0, micros: 0, why: null },
  });
});

test.each<[string, unknown, string]>([
  ['nothing', '', 'it is not JSON'],
  ['half a line', '{"timestamp": "2026-', 'it is not JSON'],
  ['two in one', '{}{}', 'it is not JSON'],
  ['a list', [], 'it is not an object'],
  ['a text', '"cost"', 'it is not an object'],
  ['null', null, 'it is not an object'],
  [
    'no time',
    line({ timestamp: undefined }),
    '"timestamp" is not a time such as 2026-11-24T08:00:00Z',
  ],
  [
    'a time without zone',
    line({ timestamp: '2026-11-24T10:00:00' }),
    '"timestamp" is not a time such as 2026-11-24T08:00:00Z',
  ],
  [
    'a day that is not',
    line({ timestamp: '2026-02-30T10:00:00Z' }),
    '"timestamp" is not a time such as 2026-11-24T08:00:00Z',
  ],
  [
    'the future',
    line({ timestamp: '2026-11-25T12:00:01Z' }),
    '"timestamp" is 2026-11-25T12:00:01Z, more than a day in the future',
  ],
  ['nobody', line({ agent: '' }), '"agent" is not a name'],
  ['a number for a name', line({ agent: 7 }), '"agent" is not a name'],
  ['half a token', line({ input_tokens: 0.5 }), '"input_tokens" is not a whole number'],
  ['a debt', line({ output_tokens: -1 }), '"output_tokens" is not a whole number'],
  ['money back', line({ cost_usd: -1 }), '"cost_usd" is not an amount in dollars'],
  ['money as text', line({ cost_usd: '0.1' }), '"cost_usd" is not an amount in dollars'],
  ['no money', line({ cost_usd: null }), '"cost_usd" is not an amount in dollars'],
  ['too much', line({ cost_usd: 1e9 }), '"cost_usd" is not an amount in dollars'],
])('%s costs nothing, and the reason is given', (_, value, why) => {
  expect(read(value)).toEqual({
    ...{ at: '2026-11-24T12:00:00.000Z', agent: null, model: null },
    ...{ inputTokens: 0, outputTokens: 0, micros: null, why },
  });
});

test('the reason never repeats the text of the line', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 40 }), (secret) => {
      for (const key of Object.keys(line()))
        expect(read(line({ [key]: { secret } })).why).not.toContain(secret);
    }),
  );
});
