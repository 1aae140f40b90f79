import { cellName, columnsOf, endingOf, suffers } from './cells.ts';
import type { Column, Effects, Matrix, Row } from './cells.ts';

const counts = (effects: Effects) =>
  Object.entries(effects)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const cells = (row: Row, columns: readonly Column[]) =>
  columns.map((column) => (suffers(row, column) ? endingOf(row, column) : '–')).join(' | ');

const own = ({ name, effects }: Row) => (effects ? `; of "${name}": ${counts(effects)}` : '');
const repeated = ({ name, repeats = [] }: Row) =>
  repeats.length === 0
    ? ''
    : ` Where the answer to "${name}" is lost after the effect, the platform's own tool does it again by ` +
      `itself: one more ${repeats.join(', ')} of the same commit.`;
const inTurn = ({ name, later = [] }: Row) =>
  later.length === 0 ? '' : ` Each call of "${name}" suffers the fault, one after the other.`;
const uncounted = (names: readonly string[]) =>
  names.length === 0 ? '' : ` Not counted, for twice is the same as once: ${names.join(', ')}.`;

function section(matrix: Matrix): string {
  const { platform, test, rows, effects, faults, idempotent = [] } = matrix;
  const columns = columnsOf(matrix);
  const names = columns.map(({ name }) => name);
  const [row] = rows;
  const [column] = columns;
  const example = row && column ? cellName(row, column) : '';
  return [
    `## ${platform}`,
    '',
    `Its tests are in [${test}](../${test}), one for each cell, named by row and column: "${example}".`,
    '',
    ...(faults ? [faults.legend, ''] : []),
    `| call | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...rows.map((one) => `| ${one.name} | ${cells(one, columns)} |`),
    '',
    `Effects on the platform in every cell that succeeded: ${counts(effects.forward)}; in every cell that went ` +
      `back: ${counts(effects.back)}${rows.map(own).join('')}.` +
      `${[...rows.map(inTurn), ...rows.map(repeated)].join('')}${uncounted(idempotent)}`,
  ].join('\n');
}

const head = `# Fault matrix

Every call that changes something, and every way in which it can go wrong. Each cell is a whole deploy against
the stand-in of its platform: the saga, the real activities, real processes that serve. The count of effects is
taken where they happen, and what is served is read from the processes themselves, so "rolled-back" is never
only said.

- **429**: refused, with the platform's own header for how long.
- **500**, **dropped**: an error, or no answer at all, **before** or **after** the effect.
- **slow**: the answer takes seconds.
- **acknowledged, lost**: the answer says done, and nothing was done.
- **lying status**: the first answer that would confirm the call is an old or a wrong one.
- **out of order**: the call fails every time. A person is called with the cause, mends it and sends \`retry\`.

"stuck" is where a person was called and nothing was decided without one.`;

/** The page, from what the tests hold every cell to. */
export const faultMatrix = (matrices: readonly Matrix[]): string =>
  `${[head, ...matrices.map(section)].join('\n\n')}\n`;
