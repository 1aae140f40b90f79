import { cellName, columnsOf, covering, endingOf, suffers } from './cells.ts';
import { deployed } from './deployed.ts';
import type { Column, Effects, Matrix, Row } from './cells.ts';

const counts = (effects: Effects) =>
  Object.entries(effects)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

function cells(row: Row, matrix: Matrix): string {
  const chosen = deployed(matrix);
  const cell = (column: Column) => {
    if (!suffers(row, column)) return '–';
    const isChosen = chosen.some((one) => one.row === row && one.column === column);
    const ending = endingOf(row, column);
    return isChosen ? `**${ending}**` : ending;
  };
  return columnsOf(matrix).map(cell).join(' | ');
}

const own = ({ name, effects }: Row) => (effects ? `; of "${name}": ${counts(effects)}` : '');
const repeated = ({ name, repeats = [] }: Row) =>
  repeats.length === 0
    ? ''
    : ` Where the answer to "${name}" is lost after the effect, the platform's own tool does it again by ` +
      `itself: one more ${repeats.join(', ')} of the same commit.`;
const inTurn = ({ name, later = [] }: Row) =>
  later.length === 0 ? '' : ` Each call of "${name}" suffers the fault, one after the other.`;
const uncounted = (names: readonly string[]) =>
  names.length === 0 ? '' : ` Not counted, because twice is the same as once: ${names.join(', ')}.`;

const link = (file: string) => `[${file}](../test/matrix/${file})`;

function testsOf(matrix: Matrix): string {
  const { id, alone } = matrix;
  const nightly = link(`${id}.nightly.test.ts`);
  const fast = link(`${id}.test.ts`);
  if (!alone) return `Its tests are in ${fast} alone and in ${nightly} as whole deploys`;
  const whole = `Its tests are in ${nightly}, alone and as whole deploys`;
  return alone === 'none'
    ? whole
    : `${whole} (${covering(matrix).length} cells with every row and every column also in ${fast}, alone)`;
}

function section(matrix: Matrix): string {
  const { platform, rows, effects, faults, idempotent = [] } = matrix;
  const columns = columnsOf(matrix);
  const names = columns.map(({ name }) => name);
  const [row] = rows;
  const [column] = columns;
  const example = row && column ? cellName({ row, column }) : '';
  return [
    `## ${platform}`,
    '',
    `${testsOf(matrix)}, one for each cell, named by row and column: "${example}".`,
    '',
    ...(faults ? [faults.legend, ''] : []),
    `| call | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...rows.map((one) => `| ${one.name} | ${cells(one, matrix)} |`),
    '',
    `Effects on the platform in every cell that succeeded: ${counts(effects.forward)}; in every cell that was ` +
      `rolled back: ${counts(effects.back)}${rows.map(own).join('')}.` +
      `${[...rows.map(inTurn), ...rows.map(repeated)].join('')}${uncounted(idempotent)}`,
  ].join('\n');
}

const head = `# Fault matrix

Every call that changes something, and every way in which the call can go wrong. A cell is tested twice:

- Alone, in \`npm run test:all\`, and some cells in every run of \`npm test\`: the real activity is called
  against the stand-in of its platform, without Temporal. The call meets the fault and is retried as the saga would retry it.
  The effect must happen once, no failure may be final, and a repeated call must change nothing.
- As a whole deploy, in \`npm run test:all\`: the saga, the real activities, real processes that serve. The table
  says how that deploy ends. The cells in **bold**, one of each platform, are whole deploys in every run of
  \`npm test\` too ([saga.test.ts](../test/matrix/saga.test.ts)).

Effects are counted where they happen, and the served release is read from the processes themselves. So
"rolled-back" is always proven.

- **429**: refused, with the platform's own header for how long.
- **500**, **dropped**: an error, or no answer at all, **before** or **after** the effect.
- **slow**: the answer takes seconds.
- **acknowledged, lost**: the answer says done, and nothing was done.
- **lying status**: the first answer that would confirm the call is an old or a wrong one.
- **out of order**: the call fails every time. A person is paged with the cause, removes the cause and sends \`retry\`.

"stuck": a person was paged, and nothing was decided without a person.`;

/** The page docs/fault-matrix.md, made from the same tables as the tests. */
export const faultMatrix = (matrices: readonly Matrix[]): string =>
  `${[head, ...matrices.map(section)].join('\n\n')}\n`;
