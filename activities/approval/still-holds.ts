import type { Entry } from '../../domain/contract/activities.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { SignedDecision } from '../../domain/config/config.ts';
import type { Config, Decision } from '../../domain/config/config.ts';
import { noRightWords, withRights } from '../../domain/approval/project-rights.ts';
import { own } from '../lib/own.ts';
import { signatureOf } from './ruling.ts';

export type Signers = Pick<Config, 'approvers' | 'revoked' | 'slack'>;

type Row = Pick<Entry, 'body' | 'project' | 'environment'>;
type Kept = { signed: unknown; ruling: Partial<Ruling>; by: unknown; stop: unknown };

const unsigned = 'the ledger entry does not contain the original signature';

/**
 * Verifies a decision from the ledger again, with the current configuration. Returns null if the
 * decision still counts, else the reason why the decision no longer counts. Throws the failures of
 * `verifySignature`.
 */
export async function whyNoMore(
  row: Row,
  subject: 'waive' | 'resume',
  signers: Signers,
): Promise<string | null> {
  const { signed, ruling } = row.body as Partial<Kept>;
  const parsed = SignedDecision.safeParse(signed);
  const at = new Date(ruling?.at ?? Number.NaN);
  if (!parsed.success || Number.isNaN(at.getTime())) return unsigned;
  if (!isOf(row, subject, parsed.data.decision)) return unsigned;
  const { approver } = parsed.data.decision;
  const project = subject === 'resume' ? null : row.project;
  if (own(signers.approvers, approver) && !own(withRights(signers.approvers, project), approver))
    return noRightWords(approver, project);
  const signature = await signatureOf(parsed.data, signers, { at });
  return signature.ok ? null : signature.why;
}

/**
 * True if this ledger entry is about the signed decision. An entry must not use the signature of
 * another decision.
 */
function isOf({ body, project, environment }: Row, subject: string, decision: Decision): boolean {
  const { by, stop } = body as Partial<Kept>;
  if (decision.subject !== subject || decision.approver !== by || decision.via) return false;
  return subject === 'resume'
    ? decision.deployId === stop
    : decision.project === project && decision.environment === environment;
}
