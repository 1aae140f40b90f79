import type { Ruling } from '../../domain/plan.ts';
import type { Activities } from '../../domain/activities.ts';
import type { Words } from './board.ts';
import { buttons } from './buttons.ts';
import { requestBody } from './request-words.ts';
import { fitted, safe, section } from './words.ts';

type Answered = Parameters<Activities['showAnswers']>[0];

const time = (iso: string) => `${iso.slice(11, 16)} UTC`;

const said = ({ approver, decision, via, at }: Ruling) =>
  `${decision === 'approve' ? '✓' : '✗'} ${approver} ${decision === 'approve' ? 'approved' : 'rejected'} ` +
  `at ${time(at)}, ${via ? 'by a click at Slack' : 'signed by key'}`;

/** Who decided what, below the question; its buttons go with the end of it. */
export function answerWords({ sealed, rulings, standing }: Answered, reminder: boolean): Words {
  const { text, blocks } = requestBody({ sealed, reminder });
  const counted = rulings.filter(({ verdict }) => verdict === 'counted').map(said);
  const now = standing.open ? `Open: ${standing.why}` : `Closed: ${standing.why}`;
  const lines = fitted(safe([...counted, now].join('\n')));
  const door = standing.open ? buttons(sealed) : null;
  return {
    text: `${text}\n${lines}`,
    blocks: [...blocks, section(lines), ...(door ? [door] : [])],
  };
}
