import type { Activities } from '../../domain/contract/activities.ts';
import { verifyWithAnchor } from '../anchor/anchor.ts';
import type { Anchor } from '../anchor/anchor.ts';
import { appendWithRetries } from '../ledger/append-with-retries.ts';
import type { Ledger } from '../ledger/types.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import type { Signers } from './still-holds.ts';
import { judgeLifts } from './stop.ts';
import { effect } from '../lib/effect.ts';

export const createLedgerActivities = ({
  ledger,
  signers,
  anchor = null,
}: {
  ledger: Pick<Ledger, 'append' | 'readUnchecked' | 'verify' | 'whyForged'>;
  signers: Signers;
  anchor?: Anchor | null;
}): Pick<Activities, 'append' | 'declareRollback' | 'readLedger' | 'verifyLedger'> => ({
  append: effect('append', appendWithRetries(ledger)),
  declareRollback: effect('declareRollback', async ({ deploy }) => {
    const { deployId, project, environment, sha } = deploy;
    const key = `${deployId}/rolling-back`;
    const entry = { kind: 'rolling-back', key, deployId, project, environment } as const;
    await appendWithRetries(ledger)({ ...entry, body: { sha } });
  }),
  readLedger: async (query) => judgeLifts(await ledger.readUnchecked(query), signers),
  verifyLedger: () => withHeartbeat(() => verifyWithAnchor(ledger, anchor, Date.now())),
});
