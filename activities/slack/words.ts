import type { KnownBlock } from '@slack/web-api';
import { plimsoll } from '../../domain/messages.ts';
import type { Plan, SealedPlan } from '../../domain/plan.ts';
import { forwardOnlyNote } from '../../domain/policy/forward-only.ts';
import type { Words } from './board.ts';
import { scrub } from './scrub.ts';

const most = 2900;
const short = (sha: string) => sha.slice(0, 7);

/** Nothing in a commit title or a reason may become a link, a mention or formatting of Slack. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Whole lines where possible, then cut: a block holds 3,000 characters. */
const fitted = (text: string) => (text.length > most ? `${text.slice(0, most)} …` : text);

/** One section; `text` alone says it all, for notifications and screen readers. `mention`: a member's id. */
export function plainWords(text: string, mention: string | null = null): Words {
  const safe = fitted(escaped(scrub(text))) || '…';
  const whole = mention === null ? safe : `<@${mention}> ${safe}`;
  return { text: whole, blocks: [section(whole)] satisfies KnownBlock[] };
}

const mostCommits = 10;

function commitLines({ commits, commitsLeftOut }: Plan): string[] {
  const shown = commits.slice(0, mostCommits).map(({ sha, title }) => `• ${short(sha)} ${title}`);
  const rest = commits.length - shown.length + commitsLeftOut;
  return [...shown, ...(rest > 0 ? [`• and ${rest} more`] : [])];
}

const until = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

type Asking = { sealed: SealedPlan; reminder: boolean };

function headline({ sealed, reminder }: Asking): string {
  const { project, environment, sha, ref } = sealed.plan;
  const asked = `May ${project} ${environment} ship ${short(sha)} (${ref})?`;
  return reminder ? `Reminder: ${asked}` : asked;
}

function facts({ plan, digest }: SealedPlan): string {
  const { rule } = plan;
  const need = `needs ${rule.required} of ${rule.eligible.join(', ')}`;
  return [
    `Asked by ${plan.requestedBy}: ${plan.reason}`,
    `It ${need}; no answer by ${until(plan.notAfter)} closes it`,
    wayBack(plan),
    ...commitLines(plan),
    `Plan ${digest.slice(0, 12)}`,
  ].join('\n');
}

function wayBack(plan: Plan): string {
  const { restoreTo, forwardOnly } = plan;
  if (!restoreTo) return 'Way back: NONE, this is the first deploy';
  return forwardOnly === undefined
    ? `Way back: ${short(restoreTo.sha)}, restored by itself if it goes wrong`
    : `Way back: ${short(restoreTo.sha)}, ${forwardOnlyNote(plan)}`;
}

const section = (text: string) =>
  ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }) satisfies KnownBlock;

/** What, who, which commits, the way back, the very command, and until when. */
export function approvalWords(asking: Asking): Words {
  const { project, environment } = asking.sealed.plan;
  const head = escaped(scrub(headline(asking)));
  const body = fitted(escaped(scrub(facts(asking.sealed))));
  const orders = ['approve', 'reject']
    .map((verb) => `${plimsoll} ${verb} ${project} ${environment}`)
    .join('\n');
  const blocks = [
    section(`*${head}*`),
    section(body),
    section(`\`\`\`${orders}\`\`\``),
  ] satisfies KnownBlock[];
  return { text: `${head}\n${body}\n${orders}`, blocks };
}
