import { plimsoll } from '../../deploy/wire.ts';
import { inDollars } from '../../lib/money.ts';

type Limited = { name: string; used: number; limit: number; until: string };

/** Title and text of the alert about a limit of which `percent` % is spent. */
export function alertWords({ name, used, limit, until }: Limited, percent: number) {
  const title = `Budget, ${name}: ${percent} % is spent (${inDollars(used)} of ${inDollars(limit)})`;
  const halted =
    percent === 100
      ? `Until ${until} only deploys with --priority P0 are allowed. A rollback is always ` +
        'allowed.'
      : `At 100 %, only deploys with --priority P0 are allowed until ${until}.`;
  return { title, text: `${halted}\nSee who spent how much: ${plimsoll} budget` };
}
