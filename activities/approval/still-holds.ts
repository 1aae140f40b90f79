import type { Entry } from '../../domain/activities.ts';
import type { Ruling } from '../../domain/plan.ts';
import { SignedDecision } from '../../domain/schema.ts';
import type { Config, Decision } from '../../domain/schema.ts';
import { signatureOf } from './ruling.ts';

export type Signers = Pick<Config, 'approvers' | 'revoked' | 'slack'>;

type Row = Pick<Entry, 'body' | 'project' | 'environment'>;
type Kept = { signed: unknown; ruling: Partial<Ruling>; by: unknown; stop: unknown };

const unsigned = 'its row in the ledger does not hold the signature that it was recorded with';

/**
 * Why what counted when an approver signed it counts no more, by today's configuration; null: it still does.
 * Transient: a revocation list that cannot be read.
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
  const signature = await signatureOf(parsed.data, signers, { at });
  return signature.ok ? null : signature.why;
}

/** A row may not borrow a signature that was given for something else. */
function isOf({ body, project, environment }: Row, subject: string, decision: Decision): boolean {
  const { by, stop } = body as Partial<Kept>;
  if (decision.subject !== subject || decision.approver !== by || decision.via) return false;
  return subject === 'resume'
    ? decision.deployId === stop
    : decision.project === project && decision.environment === environment;
}
