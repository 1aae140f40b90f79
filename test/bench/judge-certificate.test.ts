import { expect, test } from 'vitest';
import { type Cell, falseRollback } from '../../bench/judge-certificate.ts';

const cells: Cell[] = [
  { meanErrors: 0.03, windows: 1, samples: 60 },
  { meanErrors: 2, windows: 2, samples: 180 },
  { meanErrors: 32, windows: 2, samples: 180 },
  { meanErrors: 128, windows: 6, samples: 180 },
  { meanErrors: 512, windows: 6, samples: 180 },
];

test.each(cells)(
  'false rollback at the allowed ratio is at most 0.5 %: $meanErrors errors, $windows windows, $looks samples',
  (cell) => {
    const chance = falseRollback(cell);
    expect(chance).toBeGreaterThan(0);
    expect(chance).toBeLessThanOrEqual(0.005);
  },
);

test('the certificate is not empty: more samples of the same data find more', () => {
  const few = falseRollback({ meanErrors: 32, windows: 2, samples: 30 });
  const many = falseRollback({ meanErrors: 32, windows: 2, samples: 180 });
  expect(many).toBeGreaterThan(few);
  expect(many).toBeCloseTo(0.00258, 4);
});
