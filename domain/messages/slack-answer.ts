import type { Ruling } from '../deploy/plan.ts';
import type { Activities } from '../contract/activities.ts';
import { clean } from './parts/clean.ts';
import { buttons } from './slack-buttons.ts';
import { requestBody } from './slack-request.ts';
import { fitted, safe, section } from './slack-blocks.ts';
import type { Words } from './slack-blocks.ts';

type Answered = Parameters<Activities['showAnswers']>[0];

const time = (iso: string) => `${iso.slice(11, 16)} UTC`;

const said = ({ approver, decision, via, at }: Ruling) =>
  `${decision === 'approve' ? '✓' : '✗'} ${approver} ${decision === 'approve' ? 'approved' : 'rejected'} ` +
  `at ${time(at)}, ${via ? 'by a click at Slack' : 'signed by key'}`;

/**
 * Returns the question, and below it all decisions that count. A closed question has no buttons.
 */
export function answerWords({ sealed, rulings, standing }: Answered, reminder: boolean): Words {
  const { text, blocks } = requestBody({ sealed, reminder });
  const counted = rulings.filter(({ verdict }) => verdict === 'counted').map(said);
  const now = standing.open ? `Open: ${clean(standing.why)}` : `Closed: ${clean(standing.why)}`;
  const lines = fitted(safe([...counted, now].join('\n')));
  const door = standing.open ? buttons(sealed) : null;
  return {
    text: `${text}\n${lines}`,
    blocks: [...blocks, section(lines), ...(door ? [door] : [])],
  };
}
