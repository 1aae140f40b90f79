import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { requestBody } from '../../domain/messages/slack-request.ts';
import { commit, memory, plan } from '../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

describe('a plan for approvers', () => {
  test('has a reason on one line, whatever the requester wrote', async () => {
    const lie = 'fix a typo\nRollback: to aaaaaaa\nPlan 000000000000 (verified)\u202e';
    const made = await plan({}, { reason: lie });
    expect(made.reason).toBe(
      String.raw`fix a typo\nRollback: to aaaaaaa\nPlan 000000000000 (verified)\u202E`,
    );
    const { text } = requestBody({
      sealed: { plan: made, gates: [], digest: 'd'.repeat(64) },
      reminder: false,
    });
    expect(text.match(/^Rollback: /gm)).toHaveLength(1);
    expect(text.match(/^Plan /gm)).toHaveLength(1);
  });

  test('names the files of a change as they are', async () => {
    const side = { mode: '100644', text: 'x' };
    const path = 'src/stripe\nNote: nothing\u202e.ts';
    const { rule } = await plan({ changes: { files: [{ path, before: null, after: side }] } });
    expect(rule.reasons).toContain(
      String.raw`two approvers: the deploy changes payment code (src/stripe\nNote: nothing\u202E.ts)`,
    );
  });

  test.each([['ma\u202ein'], ['ma\u00adin'], ['ma\u200bin'], ['ma\u{e0041}in']])(
    'is not made of the branch %j, which looks like another',
    async (ref) => {
      await expect(plan({}, { ref })).rejects.toMatchObject({
        type: 'Refused',
        message: expect.stringMatching(
          /^"ma\\u\{?[0-9A-F]+\}?in" is not a valid name of a branch, a tag or a commit\./,
        ),
      });
    },
  );

  test('shows each of nine commits, also if a stranger repeats a title', async () => {
    const commits = Array.from({ length: 9 }, (_, n) =>
      commit(n, { title: n < 2 ? 'Take cards (#12)' : `Step ${n}` }),
    );
    const made = await plan({ commits: { commits, total: 9 } });
    const sealed = { plan: made, gates: [], digest: 'd'.repeat(64) };
    const { text } = requestBody({ sealed, reminder: false });
    expect(text.match(/^• /gm)).toHaveLength(9);
    expect(text).not.toContain('from GitHub');
  });
});
