import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalRule, Commit, Ruling } from '../../../domain/plan.ts';
import type { Human } from '../../../domain/policy/authorship.ts';
import { helps, suffices, unanswered } from '../../../domain/policy/quorum.ts';
import { roleWords } from '../../../domain/policy/roles.ts';
import { decideRule, type Demand } from '../../../domain/policy/rule.ts';

const names = ['ann', 'ben', 'cy', 'dee', 'eve'];
const human = (name: string): Human => ({
  keys: [`ssh-ed25519 AAAA${name}`],
  emails: [`${name}@shop.example`, `${name}@home.example`],
  github: `gh-${name}`,
});

/** The three ways in which a commit names a person. */
const address = (name: string) =>
  fc.constantFrom(
    `${name}@shop.example`,
    `${name.toUpperCase()}@HOME.example`,
    `7+gh-${name}@users.noreply.github.com`,
  );
const authored = fc
  .uniqueArray(fc.constantFrom(...names, 'agent'), { minLength: 1, maxLength: 3 })
  .chain((authors) =>
    fc.tuple(...authors.map(address)).map((emails) => ({
      authors,
      commit: { sha: 'a'.repeat(40), title: 'Change', emails } satisfies Commit,
    })),
  );

const world = fc.record({
  people: fc.subarray(names, { minLength: 2 }),
  requestedBy: fc.constantFrom(...names, 'agent'),
  shipped: fc.array(authored, { maxLength: 6 }),
  override: fc.constantFrom(undefined, 1 as const, 2 as const),
});

type World = typeof world extends fc.Arbitrary<infer It> ? It : never;

type Duties = { demands?: Demand[]; held?: Record<string, string[]> };

function decide({ people, requestedBy, shipped, override }: World, duties: Duties = {}) {
  const { demands = [], held = {} } = duties;
  const strangers = names.filter((name) => !people.includes(name));
  return decideRule({
    environment: 'production',
    override,
    commits: shipped.map(({ commit }) => commit),
    unknownCommits: 0,
    approvers: Object.fromEntries(
      people.map((name) => [name, { ...human(name), roles: held[name] }]),
    ),
    // Who is no approver is known all the same: nobody is a stranger here.
    requesters: Object.fromEntries(['agent', ...strangers].map((name) => [name, human(name)])),
    requestedBy,
    bots: [],
    solo: 'off',
    firstDeploy: false,
    offBranch: null,
    demands,
  });
}

const subsets = (of: readonly string[]): string[][] =>
  of.reduce<string[][]>((all, name) => [...all, ...all.map((some) => [...some, name])], [[]]);

test('a quorum is what its definition says: distinct people, for every commit one who did not write it', () => {
  fc.assert(
    fc.property(world, (it) => {
      const { people, requestedBy, shipped, override = 1 } = it;
      const byDefinition = (some: string[]) =>
        some.length >= override &&
        some.some((name) => name !== requestedBy) &&
        shipped.every(({ authors }) => some.some((name) => !authors.includes(name)));
      const decided = decide(it);
      const quorums = subsets(people).filter(byDefinition);
      const rule = 'rule' in decided ? decided.rule : null;
      const met = rule ? subsets(people).filter((some) => suffices(some, rule)) : [];
      expect(met).toEqual(quorums);
      const smallest = quorums.filter(
        (some) => !some.some((gone) => byDefinition(some.filter((name) => name !== gone))),
      );
      expect(rule?.eligible ?? []).toEqual(
        people.filter((name) => smallest.some((some) => some.includes(name))),
      );
    }),
    { numRuns: 2000 },
  );
});

const duties = ['dba', 'legal', 'money'];
const chartered = fc.record({
  it: world,
  held: fc.record(
    Object.fromEntries(names.map((name) => [name, fc.subarray(duties)] as const)),
  ) as fc.Arbitrary<Record<string, string[]>>,
  asked: fc.subarray(duties, { minLength: 1 }),
});

/** Is there for each role a person among these who has it? Looked for by trying all assignments. */
const assigned = (asked: string[], some: string[], held: Record<string, string[]>) => {
  const choices = asked.reduce<string[][]>(
    (all, _) => all.flatMap((chosen) => some.map((name) => [...chosen, name])),
    [[]],
  );
  return choices.some((chosen) =>
    chosen.every((name, at) => held[name]?.includes(asked[at] ?? '') === true),
  );
};

test('a quorum with roles is met only where every role can be given to one of those who approved', () => {
  fc.assert(
    fc.property(chartered, ({ it, held, asked }) => {
      const { people, requestedBy, shipped, override = 1 } = it;
      const byDefinition = (some: string[]) =>
        some.length >= override &&
        some.some((name) => name !== requestedBy) &&
        shipped.every(({ authors }) => some.some((name) => !authors.includes(name))) &&
        assigned(asked, some, held);
      const demands = asked.map((role) => ({ required: 1 as const, why: role, role }));
      const decided = decide(it, { demands, held });
      const quorums = subsets(people).filter(byDefinition);
      expect('rule' in decided).toBe(quorums.length > 0);
      const rule = 'rule' in decided ? decided.rule : null;
      expect(rule ? subsets(people).filter((some) => suffices(some, rule)) : []).toEqual(quorums);
      const smallest = quorums.filter(
        (some) => !some.some((gone) => byDefinition(some.filter((name) => name !== gone))),
      );
      expect(rule?.eligible ?? []).toEqual(
        people.filter((name) => smallest.some((some) => some.includes(name))),
      );
    }),
    { numRuns: 2000 },
  );
});

test('a role is told with those who have it', () => {
  expect(roleWords()).toBe('');
  expect(roleWords([{ name: 'dba', people: ['ann', 'ben'] }])).toBe(
    ', one of them dba (ann or ben)',
  );
});

test('nobody counts twice, whatever else they are called', () => {
  const rule = { required: 2, notAlone: [], solo: 'off' } as const;
  expect(suffices(['ann', 'ann'], { ...rule, notAlone: [] })).toBe(false);
  expect(suffices(['ann', 'ben'], { ...rule, notAlone: [] })).toBe(true);
});

test('whoever cannot complete a quorum is not asked', () => {
  const rule = { required: 1, notAlone: [['ann']], solo: 'off' } as const;
  const groups = { ...rule, notAlone: [['ann']] };
  expect(helps('ann', ['ann', 'ben'], groups)).toBe(false);
  expect(helps('ben', ['ann', 'ben'], groups)).toBe(true);
});

const said = (approver: string, over: Partial<Ruling> = {}): Ruling => ({
  ...{
    verdict: 'counted',
    decision: 'approve',
    approver,
    why: '',
    nonce: '',
    at: '',
    touch: false,
  },
  ...over,
});

test.each<[string, ApprovalRule['solo'], Ruling[], string[]]>([
  ['nobody answered', 'off', [], ['ann', 'ben']],
  ['one did', 'off', [said('ann')], ['ben']],
  ['a forgery is no answer', 'off', [said('ann', { verdict: 'void' })], ['ann', 'ben']],
  ['alone: once more', 'touch-key', [said('ann')], ['ann', 'ben']],
])('reminded are those who have not answered: %s', (_, solo, rulings, left) => {
  expect(unanswered({ eligible: ['ann', 'ben'], solo }, rulings)).toEqual(left);
});
