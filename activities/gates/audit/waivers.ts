import type { Entry } from '../../../domain/contract/activities.ts';
import { isOver, type Waiver } from '../../../domain/approval/waiver.ts';
import { whyNoMore, type Signers } from '../../approval/still-holds.ts';

type Asked = { findings: ReadonlySet<string>; now: string; signers: Signers };

/**
 * Returns the waivers of the given findings. Verifies the signature of every waiver that has not
 * expired. `invalid`: the reason why the signature is no longer valid.
 */
export async function waiversOf(entries: readonly Entry[], asked: Asked): Promise<Waiver[]> {
  const waivers: Waiver[] = [];
  for (const entry of entries) {
    const waiver = waiverIn(entry);
    if (!waiver || !asked.findings.has(waiver.finding)) continue;
    const invalid = isOver(waiver, asked.now)
      ? null
      : await whyNoMore(entry, 'waive', asked.signers);
    waivers.push(invalid === null ? waiver : { ...waiver, invalid });
  }
  return waivers;
}

function waiverIn({ body }: Entry): Waiver | null {
  const { finding, reason, until, by } = body as Partial<Record<keyof Waiver, unknown>>;
  const all = [finding, reason, until, by].filter((one) => typeof one === 'string');
  const [id = '', why = '', day = '', who = ''] = all;
  return all.length < 4 ? null : { finding: id, reason: why, until: day, by: who };
}
