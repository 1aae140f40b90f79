import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim, Holder, Phase } from '../../../domain/deploy/plan.ts';
import { unverifiedRequester } from '../../../domain/approval/unverified-requester.ts';
import { judgeSuccession } from '../../../domain/queue/supersede.ts';
import { insteadOf, replacedBy, replacedNote } from '../../../domain/messages/supersede.ts';
import { planFor, sha } from '../../support/plan.ts';

const holder = (change: Partial<Holder> = {}): Holder => ({
  sha: sha('b'),
  priority: 'normal',
  phase: 'approval',
  touched: false,
  approved: false,
  ...change,
});
const claim = (change: Partial<Claim> = {}): Claim => ({
  deployId: 'd-cccccccccccc',
  ref: 'main',
  sha: sha('c'),
  requestedBy: 'carol',
  reason: 'the fix',
  priority: 'normal',
  nonce: '1'.repeat(32),
  supersede: false,
  relation: 'newer',
  ...change,
});
const judged = (held: Partial<Holder>, asked: Partial<Claim> = {}) => {
  const { verdict, why, maySupersede, alreadyWaits } = judgeSuccession(holder(held), claim(asked));
  const marks = `${maySupersede ? ' (--supersede)' : ''}${alreadyWaits ? ' (joins)' : ''}`;
  return `${verdict}: ${why}${marks}`;
};
const P0 = { priority: 'P0' } as const;
const never = 'and may have changed production, so it is not replaced';

describe('a newer request for a slot', () => {
  it.each<[string, Partial<Holder>, Partial<Claim>, string]>([
    ['newer commit', {}, {}, 'replaces: the requested commit is newer'],
    ['newer, in preflight', { phase: 'preflight' }, {}, 'replaces: the requested commit is newer'],
    ['same commit', {}, { relation: 'same' }, 'refused: a deploy of ccccccc already waits (joins)'],
    ['same, as P0', {}, { relation: 'same', ...P0 }, 'refused: a deploy of ccccccc already waits'],
    [
      'an older commit',
      {},
      { relation: 'older' },
      'refused: the waiting commit bbbbbbb contains ccccccc (--supersede)',
    ],
    [
      'of another branch',
      {},
      { relation: 'apart' },
      'refused: ccccccc does not contain the waiting commit bbbbbbb (--supersede)',
    ],
    [
      'of another branch, on purpose',
      {},
      { relation: 'apart', supersede: true },
      'replaces: the requester used --supersede',
    ],
    [
      'older, as P0',
      {},
      { relation: 'older', ...P0 },
      'replaces: a P0 deploy replaces a deploy that has had no effect yet',
    ],
    [
      'approved',
      { approved: true },
      {},
      'refused: the waiting deploy is approved and about to be released',
    ],
    [
      'approved, on purpose',
      { approved: true },
      { supersede: true },
      'refused: the waiting deploy is approved and about to be released',
    ],
    [
      'approved, as P0',
      { approved: true },
      P0,
      'replaces: a P0 deploy replaces a deploy that has had no effect yet',
    ],
    ['a P0 waits', P0, {}, 'refused: a P0 deploy waits, and this request is not P0'],
    [
      'a P0 waits, on purpose',
      P0,
      { supersede: true },
      'refused: a P0 deploy waits, and this request is not P0',
    ],
    ['P0 and P0', P0, P0, 'replaces: a P0 deploy replaces a deploy that has had no effect yet'],
    ['release', { phase: 'release' }, P0, `refused: the open deploy is in release ${never}`],
    ['intent declared', { touched: true }, P0, `refused: the open deploy is in approval ${never}`],
    [
      'closed, untouched',
      { phase: 'closed' },
      { relation: 'same' },
      'replaces: the previous deploy ended without touching anything',
    ],
    [
      'closed, touched',
      { phase: 'closed', touched: true },
      P0,
      'refused: the previous deploy has ended meanwhile, so send the request again',
    ],
  ])('%s', (_, held, asked, expected) => {
    expect(judged(held, asked)).toBe(expected);
  });
});

const phases: Phase[] = [
  ...(['planning', 'preflight', 'approval', 'release', 'smoke', 'watch'] as const),
  ...(['decision', 'settle', 'rollback', 'closed'] as const),
];
const holders = fc.record<Holder>({
  sha: fc.constant(sha('b')),
  priority: fc.constantFrom('normal', 'P0'),
  phase: fc.constantFrom(...phases),
  touched: fc.boolean(),
  approved: fc.boolean(),
});
const claims = fc
  .record({
    priority: fc.constantFrom('normal' as const, 'P0' as const),
    supersede: fc.boolean(),
    relation: fc.constantFrom(
      'same' as const,
      'newer' as const,
      'older' as const,
      'apart' as const,
    ),
  })
  .map(claim);

describe('whatever is asked', () => {
  const expectAlways = (holds: (held: Holder, asked: Claim) => boolean) =>
    fc.assert(fc.property(holders, claims, holds), { numRuns: 2000 });
  const replaces = (held: Holder, asked: Claim) =>
    judgeSuccession(held, asked).verdict === 'replaces';

  it('nothing is replaced after an effect', () => {
    expectAlways((held, asked) => {
      const begun =
        held.touched || !['planning', 'preflight', 'approval', 'closed'].includes(held.phase);
      return !(begun && replaces(held, asked));
    });
  });

  it('a P0 gets at least what an ordinary request gets', () => {
    expectAlways((held, asked) => !replaces(held, asked) || replaces(held, { ...asked, ...P0 }));
  });

  it('an ordinary request never takes the place of a P0, or of what is approved', () => {
    expectAlways((held, asked) => {
      const kept = held.phase !== 'closed' && (held.priority === 'P0' || held.approved);
      return !(kept && asked.priority === 'normal' && replaces(held, asked));
    });
  });

  it('--supersede helps exactly where that is said', () => {
    expectAlways((held, asked) => {
      const { verdict, maySupersede = false } = judgeSuccession(held, asked);
      const insisted = replaces(held, { ...asked, supersede: true });
      return verdict === 'replaces' || maySupersede === insisted;
    });
  });
});

describe('what people read', () => {
  it('is told to the owner of the deploy that gave way', () => {
    expect(replacedNote(planFor(), claim())).toBe(
      `alice: your deploy of gateway production bbbbbbb was replaced by d-cccccccccccc of carol (ccccccc), and production was not touched.
Why: the fix
Watch the new deploy: plimsoll watch gateway production
To deploy your commit when the new deploy has ended: plimsoll deploy gateway production --ref bbbbbbbbbbbb`,
    );
    expect(replacedBy(claim(P0))).toBe(
      'replaced by d-cccccccccccc of carol (P0, ccccccc), and production was not touched',
    );
  });

  const instead = (phase: string, asked: Partial<Parameters<typeof insteadOf>[1]> = {}) =>
    insteadOf(
      { project: 'shop', environment: 'production', phase },
      { ref: 'main', priority: 'normal', ...asked },
    );

  it('says what can be done instead', () => {
    const watch = 'Watch it:      plimsoll watch shop production';
    const abort = 'End it:        plimsoll abort shop production';
    const back = 'Roll it back:  plimsoll rollback shop production';
    const deploy = 'plimsoll deploy shop production --ref main';
    expect(instead('approval')).toEqual([watch, abort]);
    expect(instead('approval', { maySupersede: true })).toEqual([
      ...[watch, `Replace it:    ${deploy} --supersede`, abort],
    ]);
    expect(instead('watch')).toEqual([watch, back]);
    expect(instead('watch', P0)).toEqual([watch, back, `Then deploy:   ${deploy} --priority P0`]);
    expect(instead('closed', P0)).toEqual([`Send it again: ${deploy} --priority P0`]);
  });
});

describe('a request that nobody verified', () => {
  it.each([
    [null, 'somebody', ''],
    ['text', 'somebody', ''],
    [{ request: { requestedBy: 7, nonce: {} } }, 'somebody', ''],
    [
      { request: { requestedBy: 'a\n<b>'.repeat(40), nonce: 'ab' } },
      'ab'.repeat(40).slice(0, 63),
      'ab',
    ],
  ])('%j is bounded to plain letters', (signed, requestedBy, nonce) => {
    expect(unverifiedRequester(signed)).toEqual({ requestedBy, nonce });
  });
});
