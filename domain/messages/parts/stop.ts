import { plimsoll } from '../../deploy/wire.ts';
import type { Stop } from '../../deploy/holds.ts';

const utc = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export const stopWords = ({ by, at, reason, notLifted }: Stop) =>
  `the line is stopped by ${by} since ${utc(at)}: "${reason}"` +
  (notLifted === undefined ? '' : `; a lift no longer counts (${notLifted})`);

export const liftCommand = `${plimsoll} stop-line "why it is safe" --lift`;
